/** The drawing as a network of boxes: a node, a bridge of three ports or more, the host or a far end is a box, all else is an edge. */
import type { Graph, GraphDevice, GraphEdge, GraphNodeKind, Position } from './graph.ts';

export type BoxKind = GraphNodeKind | 'bridge' | 'remote';

interface BoxTraits {
  /** Whether it is drawn with round ends, as what only ties others together. */
  readonly isRound: boolean;
  /** Whether the names of its devices say something at the ends of its edges. */
  readonly namesDevices: boolean;
  /** Whether it can have a position of its own. */
  readonly isPlace: boolean;
}

const NODE: BoxTraits = { isRound: false, namesDevices: true, isPlace: true };

/** What each kind of box is. No other file compares the words. */
export const BOXES: Readonly<Record<BoxKind, BoxTraits>> = {
  ...{ node: NODE, service: NODE, container: NODE, netns: NODE, host: NODE },
  group: { ...NODE, namesDevices: false },
  bridge: { isRound: true, namesDevices: false, isPlace: false },
  remote: { isRound: false, namesDevices: false, isPlace: false },
};

export interface PictureNode {
  readonly id: string;
  readonly kind: BoxKind;
  readonly name: string;
  /** What is in the box and has no edge: devices on others of the same node, dummy devices. */
  readonly notes: readonly string[];
  readonly position: Position | null;
}

export interface PictureEnd {
  /** The id of the box. */
  readonly node: string;
  /** The id of the device: `netns/alice:eth0`. */
  readonly device: string;
  /** The device's name; '' where it says nothing: a port of a bridge. */
  readonly label: string;
  readonly notes: readonly string[];
  readonly impair: string;
  readonly isDown: boolean;
}

export interface PictureEdge {
  readonly from: PictureEnd;
  readonly to: PictureEnd;
  readonly type: string;
  readonly label: string;
  readonly count: number;
  /** As `GraphEdge.parts`. */
  readonly parts?: GraphEdge['parts'];
}

export interface Picture {
  readonly lab: string;
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}

interface Box extends Omit<PictureNode, 'notes'> {
  readonly devices: readonly GraphDevice[];
}

/** The picture of a drawing. Edges within one box become notes of it. */
export function pictureOf(graph: Graph): Picture {
  const boxes = boxesOf(graph);
  const homes = new Map(boxes.flatMap((box) => box.devices.map((device) => [device.id, { box, device }] as const)));
  const edges: PictureEdge[] = [];
  const notes = new Map<string, string[]>(boxes.map(({ id }) => [id, []]));
  const tied = new Set<string>();
  for (const { from, to, type, label, count = 1, parts } of graph.edges) {
    const [one, other] = [homes.get(from), homes.get(to)];
    if (one === undefined || other === undefined) continue;
    for (const id of [from, to]) tied.add(id);
    if (one.box === other.box) {
      const what = [one.device.label, label, 'on', other.device.label, ...one.device.notes];
      notes.get(one.box.id)?.push(what.filter((word) => word !== '').join(' '));
    } else edges.push({ from: endOf(one), to: endOf(other), type, label, count, ...(parts && { parts }) });
  }
  for (const { id, kind, devices } of boxes) {
    const own = devices.filter((device) => !tied.has(device.id) && kind !== 'remote');
    notes.get(id)?.push(...own.map((device) => [device.label, ...device.notes].join(' ')));
  }
  return {
    lab: graph.lab,
    nodes: boxes.map(({ devices: _, ...box }) => ({ ...box, notes: notes.get(box.id) ?? [] })),
    edges,
  };
}

function boxesOf({ nodes, bridges, host, remotes }: Graph): readonly Box[] {
  return [
    ...nodes.map(({ id, kind, name, devices, position }) => ({ id, kind, name, devices, position: position ?? null })),
    ...bridges.map(({ id, name, devices }) => ({ id, kind: 'bridge' as const, name, devices, position: null })),
    ...(host.length === 0 ? [] : [{ id: 'host', kind: 'host' as const, name: 'host', devices: host, position: null }]),
    ...remotes.map((remote) => ({
      id: remote.id,
      kind: 'remote' as const,
      name: remote.label,
      devices: [remote],
      position: null,
    })),
  ];
}

function endOf({ box, device }: { readonly box: Box; readonly device: GraphDevice }): PictureEnd {
  const isNamed = BOXES[box.kind].namesDevices;
  return {
    node: box.id,
    device: device.id,
    label: isNamed ? device.label : '',
    notes: isNamed ? device.notes : [],
    impair: device.impair ?? '',
    isDown: device.isDown === true,
  };
}
