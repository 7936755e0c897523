/** The formats of `graph`. */
import type { Topology } from '../../topology/topology.ts';
import { dotText } from './dot.ts';
import { graphJson } from './json.ts';
import { mermaidText } from './mermaid.ts';
import { graphOf } from './model.ts';

export const GRAPH_FORMATS = ['dot', 'mermaid', 'json'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

const WRITERS = { dot: dotText, mermaid: mermaidText, json: graphJson } as const satisfies Record<GraphFormat, unknown>;

/** A topology drawn in a format, ends with a line break. */
export function graphText(topology: Topology, format: GraphFormat): string {
  return WRITERS[format](graphOf(topology));
}
