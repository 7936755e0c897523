/**
 * `shapes/` generates configurations of regular networks. Pure, and exact: benchmarks compare on them.
 *
 * This file: what a shape yields, and how its networks are numbered.
 */
import { addToPrefix } from '../net/offset.ts';

export interface ShapeSize {
  /** Nodes, from 1. */
  readonly nodes: number;
  /** Links: what it counts depends on the shape, see `shapeEdges`. */
  readonly links: number;
}

/** One end of an edge: node number and device number, for `n<node>:eth<dev>`. */
export interface End {
  readonly node: number;
  readonly dev: number;
}

/** Two links and the bridge that ties them. */
export interface Edge {
  readonly bridge: string;
  readonly first: End;
  readonly second: End;
}

/** One link of the configuration. */
export interface ShapeLink {
  readonly node: string;
  readonly dev: string;
  readonly bridge: string;
  /** Canonical prefix. */
  readonly ip: string;
}

/** Networks of four addresses in 10.0.0.0/8. */
export const MOST_EDGES = 2 ** 22;

/** The links of the q-th edge: network 10.0.0.0 + 4q, /30, its first address on the first end. */
export function linksOf(edge: Edge, q: number): readonly [ShapeLink, ShapeLink] {
  return [linkOf(edge.bridge, edge.first, 4 * q + 1), linkOf(edge.bridge, edge.second, 4 * q + 2)];
}

function linkOf(bridge: string, end: End, offset: number): ShapeLink {
  return { node: `n${end.node}`, dev: `eth${end.dev}`, bridge, ip: addToPrefix('10.0.0.0/30', offset).text };
}
