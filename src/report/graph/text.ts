/** A drawing in the language asked for. */

import { type Fold, folded } from '../../picture/fold.ts';
import type { Graph } from '../../picture/graph.ts';
import { idleFolds } from '../../picture/groups.ts';
import type { LayoutName } from '../../picture/layout/names.ts';
import type { Topology } from '../../topology/topology.ts';
import { dotText } from './dot.ts';
import type { GraphFormat } from './formats.ts';
import { pageHtml } from './html.ts';
import { graphJson } from './json.ts';
import { limitsOf } from './limits.ts';
import { mermaidText } from './mermaid.ts';
import { type GraphOptions, graphOf } from './model.ts';
import { svgText } from './svg.ts';

export interface DrawingOptions extends GraphOptions {
  readonly folds?: readonly Fold[];
  /** For `svg` and `html`. */
  readonly layout?: LayoutName;
  /** The page without its data (`layout.ts`); only `html` needs it. */
  readonly page?: string;
}

export interface Drawing {
  /** It ends with a line break. */
  readonly text: string;
  /** What the usual renderers of the format don't take, as whole sentences. */
  readonly warnings: readonly string[];
}

/** A topology drawn in a format. */
export function drawn(topology: Topology, format: GraphFormat, options: DrawingOptions = {}): Drawing {
  const { folds = [], layout = 'auto' } = options;
  const whole = graphOf(topology, options);
  const graph = folded(whole, folds);
  const text = written(graph, format, options);
  const unused =
    LAID_OUT.has(format) || layout === 'auto'
      ? []
      : [`--layout ${layout} does nothing for ${format}: it is for svg and html`];
  const idle = idleFolds(whole.nodes, folds).map(({ name, why }) => `--group ${name} draws no box: ${why}`);
  return { text, warnings: [...unused, ...idle, ...limitsOf(graph, format, text)] };
}

/** Formats whose nodes are placed here. */
const LAID_OUT: ReadonlySet<GraphFormat> = new Set(['svg', 'html']);

function written(graph: Graph, format: GraphFormat, { layout = 'auto', page = '' }: DrawingOptions): string {
  if (format === 'svg') return svgText(graph, layout);
  if (format === 'html') return pageHtml(page, { graph, layout });
  return { dot: dotText, mermaid: mermaidText, json: graphJson }[format](graph);
}
