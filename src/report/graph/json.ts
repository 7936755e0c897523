/** A drawing as JSON, for programs that do the drawing themselves. */
import type { Graph } from '../../picture/graph.ts';

/** One JSON document, indented by two spaces, with `schemaVersion` 1. It ends with a line break. */
export function graphJson(graph: Graph): string {
  return `${JSON.stringify({ schemaVersion: 1, ...graph }, null, 2)}\n`;
}
