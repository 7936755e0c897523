/** A drawing as JSON, for programs that draw it themselves. */
import type { Graph } from './model.ts';

/** One document, indented by two, ends with a line break. `schemaVersion` 1. */
export function graphJson(graph: Graph): string {
  return `${JSON.stringify({ schemaVersion: 1, ...graph }, null, 2)}\n`;
}
