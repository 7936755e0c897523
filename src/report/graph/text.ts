/** A drawing in the language asked for. */
import type { Topology } from '../../topology/topology.ts';
import { dotText } from './dot.ts';
import type { GraphFormat } from './formats.ts';
import { graphJson } from './json.ts';
import { mermaidText } from './mermaid.ts';
import { graphOf } from './model.ts';
import { htmlText } from './picture/html.ts';
import { svgText } from './picture/svg.ts';

const WRITERS = {
  dot: dotText,
  mermaid: mermaidText,
  json: graphJson,
  svg: svgText,
  html: htmlText,
} as const satisfies Record<GraphFormat, unknown>;

/** A topology drawn in a format. The text ends with a line break. */
export function graphText(topology: Topology, format: GraphFormat): string {
  return WRITERS[format](graphOf(topology));
}
