/** Folds nodes of a drawing into one box, so that a large network can be read from afar. */
import type { Graph, GraphDevice, GraphEdge, Position } from './graph.ts';

export interface Fold {
  /** The name of the box. */
  readonly name: string;
  /** Whether a node of this name goes into it. */
  readonly takes: (node: string) => boolean;
}

/**
 * The drawing with each group as one box. A node goes into the first group that takes it, a bridge into the group of all its nodes.
 * Edges between two groups, or a group and a bridge, become one, with their count; edges within a group are only counted. An edge to
 * a node that stays keeps its device.
 */
export function folded(graph: Graph, folds: readonly Fold[]): Graph {
  if (folds.length === 0) return graph;
  const groupOf = new Map<string, Fold>();
  for (const { devices, name } of graph.nodes) {
    const fold = folds.find(({ takes }) => takes(name));
    if (fold) for (const { id } of devices) groupOf.set(id, fold);
  }
  takeBridges(graph, groupOf);
  const inside = new Map<Fold, number>();
  const { edges, absorbed } = foldedEdges(graph, groupOf, inside);
  const isLeft = ({ devices, name }: { devices: readonly GraphDevice[]; name: string }): boolean =>
    devices.length === 0 ? !folds.some(({ takes }) => takes(name)) : devices.some(({ id }) => !groupOf.has(id));
  const boxes = folds.flatMap((fold) => {
    const own = graph.nodes.filter(({ name }) => folds.find(({ takes }) => takes(name)) === fold);
    if (own.length === 0) return [];
    const within = inside.get(fold) ?? 0;
    const notes = within === 0 ? [] : [`${within} ${within === 1 ? 'link' : 'links'} inside`];
    const label = `${own.length} ${own.length === 1 ? 'node' : 'nodes'}`;
    const position = meanOf(own.flatMap((node) => node.position ?? []));
    const box = { id: `group/${fold.name}`, kind: 'group' as const, name: fold.name };
    return [{ ...box, ...(position && { position }), devices: [{ id: boxId(fold), label, notes }] }];
  });
  return {
    ...graph,
    nodes: [...boxes, ...graph.nodes.filter(isLeft)],
    bridges: graph.bridges
      .filter(({ devices }) => devices.length === 0 || devices.some(({ id }) => !groupOf.has(id)))
      .map((bridge) => ({ ...bridge, devices: bridge.devices.filter(({ id }) => !absorbed.has(id)) })),
    edges,
  };
}

function boxId({ name }: Fold): string {
  return `group/${name}:nodes`;
}

/** Bridges whose ports all lead into one group are in that group. */
function takeBridges({ bridges, edges }: Graph, groupOf: Map<string, Fold>): void {
  const far = new Map<string, string>();
  for (const { from, to } of edges) {
    far.set(from, to);
    far.set(to, from);
  }
  for (const { devices } of bridges) {
    const groups = new Set(devices.map(({ id }) => groupOf.get(far.get(id) ?? '')));
    const [only] = groups;
    if (groups.size === 1 && only) for (const { id } of devices) groupOf.set(id, only);
  }
}

interface FoldedEdges {
  readonly edges: readonly GraphEdge[];
  /** Ports of bridges whose edge went into another port's. */
  readonly absorbed: ReadonlySet<string>;
}

function foldedEdges(
  { edges, bridges }: Graph,
  groupOf: ReadonlyMap<string, Fold>,
  inside: Map<Fold, number>,
): FoldedEdges {
  const bridgeOf = new Map(bridges.flatMap(({ id, devices }) => devices.map((device) => [device.id, id] as const)));
  const merged = new Map<string, GraphEdge>();
  const absorbed = new Set<string>();
  const kept = edges.filter((edge) => {
    const [one, other] = [groupOf.get(edge.from), groupOf.get(edge.to)];
    if (one === other) {
      if (one) inside.set(one, (inside.get(one) ?? 0) + (edge.count ?? 1));
      return one === undefined;
    }
    const ends = [one ? boxId(one) : edge.from, other ? boxId(other) : edge.to] as const;
    const key = JSON.stringify(ends.map((id) => bridgeOf.get(id) ?? id).sort());
    const before = merged.get(key);
    for (const id of before ? ends.filter((end) => bridgeOf.has(end)) : []) absorbed.add(id);
    merged.set(key, mergedEdge(before, edge, ends));
    return false;
  });
  return { edges: [...kept, ...merged.values()], absorbed };
}

function mergedEdge(before: GraphEdge | undefined, edge: GraphEdge, [from, to]: readonly [string, string]): GraphEdge {
  const count = (before?.count ?? 0) + (edge.count ?? 1);
  const parts = [...(before?.parts ?? []), ...(edge.parts ?? [[edge.from, edge.to] as const])];
  const label = count === 1 ? edge.label : `${count} links`;
  return { ...(before ?? { from, to, type: edge.type }), label, count, parts };
}

function meanOf(points: readonly Position[]): Position | undefined {
  const [first] = points;
  if (first === undefined) return undefined;
  const mean = (key: 'x' | 'y'): number => points.reduce((total, point) => total + point[key], 0) / points.length;
  return { x: mean('x'), y: mean('y'), unit: first.unit };
}
