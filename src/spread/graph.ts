/** The graph of a lab's nodes, of which each edge is a wire. */
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import type { Selector, Topology } from '../topology/topology.ts';
import type { Graph } from '../wire/partition.ts';
import { isClaimed, type NodeKey, nodeKey } from './spread.ts';

/** What is placed, or already somewhere. */
export interface Vertex {
  readonly key: NodeKey;
  /** Whether it is where it runs: it has no weight, since its host is not ours to choose. */
  readonly isClaimed: boolean;
}

export interface LabGraph {
  readonly vertices: readonly Vertex[];
  /** Of each vertex, then of each LAN of more than two nodes, which is a vertex without weight that its nodes are tied to. */
  readonly graph: Graph;
}

/** Weights add up to about this much, whatever they are made of. */
const WEIGHT_SUM = 1_000_000;

/**
 * The nodes of a topology in the order of the file. The weight of a node is 1 and its links, and where nodes have `cpus` or
 * `memory`, its part of these too: each of the three counts the same.
 */
export function labGraph(topology: Topology): LabGraph {
  const index = new Map<NodeKey, number>();
  const vertices: Vertex[] = [];
  const indexOf = (selector: Selector): number => {
    const key = nodeKey(selector);
    const known = index.get(key);
    if (known !== undefined) return known;
    index.set(key, vertices.length);
    return vertices.push({ key, isClaimed: isClaimed(selector) }) - 1;
  };
  for (const { name } of topology.nodes ?? []) indexOf({ kind: 'node', name });
  const members = new Map<string, number[]>();
  const links: number[] = [];
  for (const link of topology.links) {
    if (link.selector.kind === 'host') continue;
    const at = indexOf(link.selector);
    links[at] = (links[at] ?? 0) + 1;
    const bridge = bridgeOf(link);
    if (bridge === null) continue;
    const known = members.get(bridge);
    if (known === undefined) members.set(bridge, [at]);
    else known.push(at);
  }
  for (const { selector } of topology.commands) if (selector.kind !== 'host') indexOf(selector);
  const external = new Set(topology.bridges.flatMap(({ name, isExternal }) => (isExternal ? [name] : [])));
  const lans = [...members].flatMap(([name, of]) => (external.has(name) ? [] : [[...new Set(of)]]));
  const edges = edgesOf(vertices.length, lans);
  return { vertices, graph: { ...edges, weights: weightsOf(topology, vertices, links, edges.offsets.length - 1) } };
}

type Edges = Pick<Graph, 'offsets' | 'neighbours' | 'edgeWeights'>;

function edgesOf(count: number, lans: readonly (readonly number[])[]): Edges {
  const near: Map<number, number>[] = Array.from({ length: count }, () => new Map());
  const tie = (a: number, b: number): void => {
    near[a]?.set(b, (near[a]?.get(b) ?? 0) + 1);
    near[b]?.set(a, (near[b]?.get(a) ?? 0) + 1);
  };
  for (const of of lans) {
    const [a, b] = of;
    if (of.length === 2 && a !== undefined && b !== undefined) tie(a, b);
    if (of.length <= 2) continue;
    const hub = near.push(new Map()) - 1;
    for (const member of of) tie(hub, member);
  }
  const offsets = [0];
  const neighbours: number[] = [];
  const edgeWeights: number[] = [];
  for (const others of near) {
    for (const [other, weight] of others) {
      neighbours.push(other);
      edgeWeights.push(weight);
    }
    offsets.push(neighbours.length);
  }
  return { offsets, neighbours, edgeWeights };
}

/** Whole numbers, since the library for this takes only such. */
function weightsOf(
  { nodes = [] }: Topology,
  vertices: readonly Vertex[],
  links: readonly number[],
  count: number,
): readonly number[] {
  const definitions = new Map(nodes.map((node) => [nodeKey({ kind: 'node', name: node.name }), node]));
  const ofLinks = vertices.map((vertex, at) => (vertex.isClaimed ? 0 : 1 + (links[at] ?? 0)));
  const ofContainers = (amount: 'cpus' | 'memoryBytes'): readonly number[] =>
    vertices.map(({ key }) => {
      const node = definitions.get(key);
      return node?.kind === 'container' ? (node[amount] ?? 0) : 0;
    });
  const kinds = [ofLinks, ofContainers('cpus'), ofContainers('memoryBytes')].filter((of) => of.some((one) => one > 0));
  const sums = kinds.map((of) => of.reduce((sum, one) => sum + one, 0));
  return Array.from({ length: count }, (_, at) => {
    const share = kinds.reduce((sum, of, kind) => sum + (of[at] ?? 0) / (sums[kind] ?? 1), 0);
    return Math.ceil((share / Math.max(1, kinds.length)) * WEIGHT_SUM);
  });
}
