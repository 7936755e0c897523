import type { Graph } from '../wire/partition.ts';
import type { Workers } from './workers.ts';

/** Has a worker cut graphs into parts. What it returns resolves to null where the library for it is not on this machine. */
export function partitionBy(
  workers: Workers,
): (graph: Graph, shares: readonly number[]) => Promise<readonly number[] | null> {
  return async (graph, shares) => (await workers.ask({ task: 'partition', graph, shares })).parts;
}
