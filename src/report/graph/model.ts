/**
 * `graph/` draws a topology. It draws what the configuration describes, not what runs: a service is one box, whatever its scale.
 *
 * This file: a topology becomes the data of a drawing (`picture/graph.ts`), from which every format is written.
 */

import { grouped } from '../../grouped.ts';
import { traitsOf } from '../../kinds/bridge-modes.ts';
import { bridgeOf, givenOuterDev, linkKind, parentOf } from '../../kinds/links/link-kinds.ts';
import type { Graph, GraphDevice, GraphEdge, GraphNode } from '../../picture/graph.ts';
import { printNetem } from '../../topology/text/netem-print.ts';
import type { LinkSpec, StackedSpec, Topology, TunnelSpec } from '../../topology/topology.ts';
import { remoteText } from '../../topology/tunnels.ts';
import { positionsOf } from './positions.ts';

export interface GraphOptions {
  /** Every bridge is a box with its ports, as conlink draws it. Default: a bridge of exactly two links is an edge. */
  readonly ports?: boolean;
}

/** The drawing of a topology, in the order of the configuration. */
export function graphOf(topology: Topology, { ports: hasPorts = false }: GraphOptions = {}): Graph {
  const direct = pairsOf(topology, hasPorts);
  const drawn = topology.links.map((link) => linkParts(link, direct));
  const tunnels = topology.tunnels.map(tunnelParts);
  const parts = [...drawn, ...tunnels];
  const ports = grouped(
    parts.flatMap(({ port }) => port ?? []),
    ({ bridge }) => bridge,
  );
  return {
    lab: topology.lab,
    nodes: nodesOf(topology),
    bridges: topology.bridges
      .filter(({ name }) => !direct.has(name))
      .map(({ name, mode }) => ({
        id: `bridge/${name}`,
        name,
        mode,
        devices: (ports.get(name) ?? []).map(({ device }) => device),
      })),
    host: unique([...drawn.flatMap(({ parent }) => parent ?? []), ...topology.links.filter(isHosts).map(deviceOf)]),
    remotes: unique(tunnels.map(({ remote }) => remote)),
    edges: [...parts.flatMap(({ edge }) => edge ?? []), ...[...direct].map(([name, pair]) => directEdge(name, pair))],
  };
}

interface Parts {
  /** Its port in a bridge; null: it is in no bridge. */
  readonly port: { readonly bridge: string; readonly device: GraphDevice } | null;
  readonly edge: GraphEdge | null;
  /** Its parent, if that is a device of the host; else null. */
  readonly parent: GraphDevice | null;
}

type Pair = readonly [LinkSpec, LinkSpec];

/** Bridges of exactly two links and no tunnel. They are drawn as one edge; with `hasPorts` only those that have none. */
function pairsOf({ bridges, links, tunnels }: Topology, hasPorts: boolean): ReadonlyMap<string, Pair> {
  const pairs = new Map<string, Pair>();
  const ends = grouped(links, bridgeOf);
  const tunnelled = new Set(tunnels.map(({ bridge }) => bridge));
  for (const bridge of bridges) {
    const { name } = bridge;
    if (bridge.isExternal || tunnelled.has(name) || (hasPorts && traitsOf(bridge).hasPorts)) continue;
    const [one, other, ...more] = ends.get(name) ?? [];
    if (one && other && more.length === 0) pairs.set(name, [one, other]);
  }
  return pairs;
}

function directEdge(name: string, [one, other]: Pair): GraphEdge {
  return { from: deviceId(one), to: deviceId(other), type: one.type, label: name };
}

/** The nodes of links, then entries of `nodes:` that have none. */
function nodesOf(topology: Topology): readonly GraphNode[] {
  const positions = positionsOf(topology);
  const linked = grouped(
    topology.links.filter((link) => !isHosts(link)),
    nodeId,
  );
  const lone = (topology.nodes ?? []).map(({ name }) => `node/${name}`).filter((id) => !linked.has(id));
  return [
    ...[...linked].flatMap(([id, own]): readonly GraphNode[] => {
      const selector = own[0]?.selector;
      if (selector === undefined) return [];
      const position = selector.kind === 'node' ? positions.get(selector.name) : undefined;
      const devices = unique([...ownParents(own), ...own.map(deviceOf)]);
      return [{ id, ...selector, devices, ...(position && { position }) }];
    }),
    ...lone.map((id): GraphNode => {
      const name = id.slice('node/'.length);
      const position = positions.get(name);
      return { id, kind: 'node', name, devices: [], ...(position && { position }) };
    }),
  ];
}

function isHosts({ selector }: LinkSpec): boolean {
  return selector.kind === 'host';
}

function deviceOf(link: LinkSpec): GraphDevice {
  const impair = impairOf(link);
  return {
    id: deviceId(link),
    label: link.dev,
    notes: notesOf(link),
    ...(impair !== '' && { impair }),
    ...(link.state === 'down' && { isDown: true as const }),
  };
}

/** Parents of links within a node, without those that another link makes: these are drawn as that link. */
function ownParents(links: readonly LinkSpec[]): readonly GraphDevice[] {
  return links.flatMap((link) => {
    const parent = parentOf(link);
    return parent?.base === 'local' ? [{ id: `${nodeId(link)}:${parent.dev}`, label: parent.dev, notes: [] }] : [];
  });
}

function linkParts(link: LinkSpec, direct: ReadonlyMap<string, Pair>): Parts {
  const none = { port: null, edge: null, parent: null };
  if ('parent' in link) return stackedParts(link);
  const bridge = bridgeOf(link);
  if (bridge === null || direct.has(bridge)) return none;
  const from = deviceId(link);
  const device = { id: `port/${bridge}/${from}`, label: outerName(link), notes: [] };
  const edge = { from, to: device.id, type: link.type, label: linkKind(link.type).label(link) };
  return { ...none, port: { bridge, device }, edge };
}

/** The parts of a link whose parent is a device of the host or of its own node. */
function stackedParts(link: StackedSpec): Parts {
  const { dev, base } = link.parent;
  const onHost = base === 'host' || isHosts(link);
  const to = onHost ? `host/${dev}` : `${nodeId(link)}:${dev}`;
  const edge = { from: deviceId(link), to, type: link.type, label: linkKind(link.type).label(link) };
  return { port: null, edge, parent: onHost ? { id: to, label: dev, notes: [] } : null };
}

function tunnelParts(tunnel: TunnelSpec): Parts & { readonly remote: GraphDevice } {
  const { type, vni, bridge } = tunnel;
  const remote = remoteText(tunnel);
  const dev = `${type}-${vni}`;
  const impair = impairOf(tunnel);
  const device = {
    id: `port/${bridge}/${dev}`,
    label: dev,
    notes: netemNotes(impair),
    ...(impair !== '' && { impair }),
  };
  const far = { id: `remote/${remote}`, label: `remote host ${remote}`, notes: [] };
  const edge = { from: device.id, to: far.id, type, label: `${type} ${vni}` };
  return { port: { bridge, device }, parent: null, remote: far, edge };
}

function notesOf(link: LinkSpec): readonly string[] {
  return [
    ...link.addresses,
    ...(link.nat === null ? [] : [`nat ${link.nat}`]),
    ...link.forwards.map(({ outerPort, innerPort, protocol }) => `forward ${outerPort}:${innerPort}/${protocol}`),
    ...netemNotes(impairOf(link)),
    ...(link.state === 'down' ? ['state down'] : []),
  ];
}

/** What impairs a link or tunnel in netem's words, as written or made of `impair`; '' for nothing. */
function impairOf({ netem, netemText }: Pick<LinkSpec, 'netem' | 'netemText'>): string {
  return netemText.length === 0 && netem !== null ? printNetem(netem) : netemText.join(' ');
}

function netemNotes(impair: string): readonly string[] {
  return impair === '' ? [] : [`netem ${impair}`];
}

function nodeId({ selector }: LinkSpec): string {
  return `${selector.kind}/${selector.name}`;
}

function deviceId(link: LinkSpec): string {
  return isHosts(link) ? `host/${link.dev}` : `${nodeId(link)}:${link.dev}`;
}

/** The name of the outer device for the first replica. It is never shortened, since that would need a container's id. */
function outerName(link: LinkSpec): string {
  const { selector, dev } = link;
  return givenOuterDev(link) ?? `${selector.name}${selector.kind === 'service' ? '_1' : ''}-${dev}`;
}

function unique(devices: readonly GraphDevice[]): readonly GraphDevice[] {
  return [...new Map(devices.map((device) => [device.id, device])).values()];
}
