/** Decides which host each node of a lab is on. */
import { patternOf } from '../config/nodes/pattern.ts';
import type { HostSpec, Topology } from '../topology/topology.ts';
import type { Graph } from '../wire/partition.ts';
import { blocks, edgesAt, loadsOf, NONE, type Parts, settle, within } from './cut.ts';
import { type LabGraph, labGraph, type Vertex } from './graph.ts';
import { type HostName, lookUp, type NodeKey, nodeKey } from './spread.ts';

/** Cuts a graph into parts. null: this machine has nothing that can; then blocks of neighbours are taken. */
export type Partition = (graph: Graph, shares: readonly number[]) => Promise<readonly number[] | null>;

/** A host on which nodes can be placed. null: it is not known, and then all hosts count the same. */
export type Room = Pick<HostSpec, 'name' | 'cpus' | 'memoryBytes'>;

export interface PlaceRequest {
  readonly topology: Topology;
  /** In any order, which counts: the same request has the same answer. */
  readonly hosts: readonly Room[];
  /** Where nodes have been so far. */
  readonly before: Readonly<Record<NodeKey, HostName>>;
  /** Hosts on which containers run that linkloom did not start, by the selectors that they match. */
  readonly claims: ReadonlyMap<NodeKey, readonly HostName[]>;
  /** Whether a node stays where it was, so that only new ones are placed. */
  readonly isSticky: boolean;
}

export interface Placement {
  /** Every node, but for containers that no host has claimed yet. */
  readonly place: Readonly<Record<NodeKey, HostName>>;
  /** The share of the weight of all nodes that each host has. */
  readonly loads: Readonly<Record<HostName, number>>;
  /** Nodes that are on another host than before. */
  readonly moves: readonly Move[];
}

export interface Move {
  readonly node: NodeKey;
  readonly from: HostName;
  readonly to: HostName;
}

/**
 * Places the nodes of a lab: `on`, then the names and labels of `hosts`, then where a node was; what is left goes where it makes few
 * wires between hosts. A host that is named but not among `hosts` places nothing.
 */
export async function placeNodes(request: PlaceRequest, partition: Partition): Promise<Placement> {
  const { topology, hosts, before } = request;
  const lab = labGraph(topology);
  const { vertices, graph } = lab;
  const parts = fixedParts(request, lab);
  const targets = targetsOf(hosts, graph);
  const free = [...graph.weights.keys()].filter((at) => parts[at] === NONE && vertices[at]?.isClaimed !== true);
  if (hosts.length > 0) {
    const isFew = weightOf(graph, free) * 2 < weightOf(graph, [...graph.weights.keys()]);
    if (!isFew && hosts.length > 1) await cutFree(request, lab, { parts, free, targets }, partition);
    settle(graph, parts, free, targets);
  }
  const place = Object.fromEntries(
    vertices.flatMap(({ key }, at) => {
      const host = hosts[parts[at] ?? NONE];
      return host === undefined ? [] : [[key, host.name] as const];
    }),
  );
  const total = Math.max(1, weightOf(graph, [...graph.weights.keys()]));
  const loads = loadsOf(graph, parts, hosts.length).map((load) => load / total);
  return {
    place,
    loads: Object.fromEntries(hosts.map(({ name }, at) => [name, loads[at] ?? 0])),
    moves: Object.entries(place).flatMap(([node, to]) => {
      const from = lookUp(before, node);
      return from === undefined || from === to ? [] : [{ node, from, to }];
    }),
  };
}

/** The hosts that are given, for vertices that can't choose. */
function fixedParts({ topology, hosts, before, claims, isSticky }: PlaceRequest, { vertices, graph }: LabGraph): Parts {
  const indexOf = new Map(hosts.map(({ name }, at) => [name, at]));
  const wanted = wantedHosts(topology);
  const hostOf = ({ key, isClaimed }: Vertex): HostName | undefined => {
    const was = lookUp(before, key);
    if (isClaimed) return claims.get(key)?.[0] ?? was;
    return wanted(key) ?? (isSticky ? was : undefined);
  };
  return graph.weights.map((_, at) => {
    const vertex = vertices[at];
    const host = vertex === undefined ? undefined : hostOf(vertex);
    return host === undefined ? NONE : (indexOf.get(host) ?? NONE);
  });
}

/** The host that the file says for a node. */
export function wantedHosts({ nodes = [], hosts = [] }: Topology): (key: NodeKey) => HostName | undefined {
  const byName = hosts.flatMap((host) => (host.nodes.length === 0 ? [] : [{ host, matches: patternOf(host.nodes) }]));
  const byLabels = hosts.filter(({ labels }) => Object.keys(labels).length > 0);
  const definitions = new Map(nodes.map((node) => [nodeKey({ kind: 'node', name: node.name }), node]));
  return (key) => {
    const node = definitions.get(key);
    const name = key.slice(key.indexOf('/') + 1);
    const matching = byName.find(({ matches }) => matches.test(name))?.host;
    const labelled = byLabels.find(({ labels }) =>
      Object.entries(labels).every(([label, value]) => lookUp(node?.labels ?? {}, label) === value),
    );
    return node?.on ?? (matching ?? labelled)?.name;
  };
}

/** The weight that each host is to have: in proportion to its processors, else to its memory, where all hosts say them. */
function targetsOf(hosts: readonly Room[], graph: Graph): readonly number[] {
  const sizes = (['cpus', 'memoryBytes'] as const)
    .map((of) => hosts.map((host) => host[of]))
    .find((of) => of.every((size) => size !== null && size > 0)) as readonly number[] | undefined;
  const shares = sizes ?? hosts.map(() => 1);
  const all = shares.reduce((sum, share) => sum + share, 0);
  const total = weightOf(graph, [...graph.weights.keys()]);
  return shares.map((share) => (share / all) * total);
}

interface Cutting {
  readonly parts: Parts;
  readonly free: readonly number[];
  readonly targets: readonly number[];
}

/** Cuts what is free, as if the rest were not there, and gives each part to the host that it has most to do with. */
async function cutFree(
  { hosts, before }: PlaceRequest,
  { vertices, graph }: LabGraph,
  { parts, free, targets }: Cutting,
  partition: Partition,
): Promise<void> {
  const loads = loadsOf(graph, parts, hosts.length);
  const open = [...hosts.keys()].filter((host) => (targets[host] ?? 0) > (loads[host] ?? 0));
  const rooms = open.map((host) => (targets[host] ?? 0) - (loads[host] ?? 0));
  const all = rooms.reduce((sum, room) => sum + room, 0);
  const only = open[0];
  if (only === undefined) return;
  const shares = rooms.map((room) => room / all);
  const inner = within(graph, free);
  const cut = open.length === 1 ? free.map(() => 0) : ((await partition(inner, shares)) ?? blocks(inner, shares));
  const affinity = open.map(() => new Array<number>(hosts.length).fill(0));
  const indexOf = new Map(hosts.map(({ name }, at) => [name, at]));
  const add = (part: number, host: number | undefined, weight: number): void => {
    const row = affinity[part];
    if (row !== undefined && host !== undefined && host !== NONE) row[host] = (row[host] ?? 0) + weight;
  };
  for (const [nth, at] of free.entries()) {
    for (const [other, weight] of edgesAt(graph, at)) add(cut[nth] ?? 0, parts[other], weight);
    add(cut[nth] ?? 0, indexOf.get(lookUp(before, vertices[at]?.key ?? '') ?? ''), 1);
  }
  const hostOf = matched(affinity, open, shares);
  for (const [nth, at] of free.entries()) parts[at] = hostOf[cut[nth] ?? 0] ?? only;
}

/** Shares that differ by less than this may be exchanged. */
const SAME_SHARE = 0.1;

/** Gives each part to a host of its share, the pairs with the most affinity first. `open`: the host for which each part was cut. */
function matched(
  affinity: readonly (readonly number[])[],
  open: readonly number[],
  shares: readonly number[],
): readonly number[] {
  const pairs = open
    .flatMap((_, part) => open.map((host, at) => ({ part, at, host, weight: affinity[part]?.[host] ?? 0 })))
    .filter(({ part, at }) => Math.abs((shares[part] ?? 0) - (shares[at] ?? 0)) <= SAME_SHARE * (shares[at] ?? 0))
    .toSorted((a, b) => b.weight - a.weight || Number(b.part === b.at) - Number(a.part === a.at));
  const hostOf = new Map<number, number>();
  const given = new Set<number>();
  for (const { part, host } of pairs) {
    if (hostOf.has(part) || given.has(host)) continue;
    hostOf.set(part, host);
    given.add(host);
  }
  const rest = open.filter((host) => !given.has(host));
  return open.map((_, part) => hostOf.get(part) ?? rest.shift() ?? 0);
}

function weightOf({ weights }: Graph, vertices: readonly number[]): number {
  return vertices.reduce((sum, at) => sum + (weights[at] ?? 0), 0);
}
