/** The task of cutting a graph into parts, with few edges between them. */

/**
 * An undirected graph without loops. Each edge stands twice, once at each of its vertices; that of vertex `v` are those from
 * `offsets[v]` up to `offsets[v + 1]`.
 */
export interface Graph {
  readonly offsets: readonly number[];
  readonly neighbours: readonly number[];
  readonly edgeWeights: readonly number[];
  /** Of each vertex, 0 or more. */
  readonly weights: readonly number[];
}

export interface PartitionTask {
  readonly task: 'partition';
  readonly graph: Graph;
  /** Of each part, the share of the weight that it is to have. Together 1, each more than 0; two parts at least. */
  readonly shares: readonly number[];
}

export interface PartitionResult {
  /** The part of each vertex, from 0. null: the library that does this is not on this machine, or does not work. */
  readonly parts: readonly number[] | null;
}
