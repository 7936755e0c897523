/** What the page is given in its own text: a drawing, or nothing, which means that it shows a lab as it runs. */
import type { Graph } from '../picture/graph.ts';
import type { LayoutName } from '../picture/layout/names.ts';

export interface PageData {
  readonly graph: Graph;
  readonly layout: LayoutName;
}

/** The data in the element `data`; null: there is none, the page was served by a daemon. */
export function ownData(): PageData | null {
  return JSON.parse(document.getElementById('data')?.textContent ?? 'null') as PageData | null;
}
