/** A drawing as a page: the page is there already (`lib/page/index.html`), and takes its data in one place. */
import type { Graph } from '../../picture/graph.ts';
import type { LayoutName } from '../../picture/layout/names.ts';
import { escaped } from './svg.ts';

/** What stands in the page where its data and its title go. */
const DATA = '<script type="application/json" id="data">null</script>';
const TITLE = '<title>linkloom</title>';

export interface PageData {
  readonly graph: Graph;
  readonly layout: LayoutName;
}

/** The page with its data. It loads nothing from elsewhere, and ends with a line break. */
export function pageHtml(page: string, data: PageData): string {
  // In JSON `<` stands in strings only; escaped, nothing in a name can end the element that holds the data.
  const json = JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return page
    .replace(TITLE, () => `<title>${escaped(data.graph.lab)}</title>`)
    .replace(DATA, () => DATA.replace('null', () => json));
}
