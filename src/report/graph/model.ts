/**
 * `graph/` draws a topology. It draws what the configuration describes, not what runs: a service is one box, whatever its scale.
 *
 * This file: the drawing as data, from which every format is written. Ids are unique in a drawing, and the same configuration
 * always gives the same ids.
 */

import { grouped } from '../../grouped.ts';
import { type BridgeMode, traitsOf } from '../../kinds/bridge-modes.ts';
import { bridgeOf, givenOuterDev, type LinkType, linkKind, parentOf } from '../../kinds/links/link-kinds.ts';
import type { LinkSpec, Selector, StackedSpec, Topology, TunnelSpec } from '../../topology/topology.ts';

/** A device: a small box. */
export interface GraphDevice {
  readonly id: string;
  readonly label: string;
  /** Further facts, one per line: addresses, `netem delay 10ms`, `state down`. */
  readonly notes: readonly string[];
}

/** A box of devices. */
export interface GraphGroup {
  readonly id: string;
  readonly name: string;
  readonly devices: readonly GraphDevice[];
}

export interface GraphNode extends GraphGroup {
  readonly kind: Selector['kind'];
}

export interface GraphBridge extends GraphGroup {
  readonly mode: BridgeMode;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly type: LinkType | TunnelSpec['type'];
  /** The edge's text; '' for none. */
  readonly label: string;
}

export interface Graph {
  readonly lab: string;
  readonly nodes: readonly GraphNode[];
  readonly bridges: readonly GraphBridge[];
  /** Devices of the host: those on which links are made, and those of its own links. */
  readonly host: readonly GraphDevice[];
  /** Far ends of tunnels. */
  readonly remotes: readonly GraphDevice[];
  readonly edges: readonly GraphEdge[];
}

/** The drawing of a topology, in the order of the configuration. */
export function graphOf(topology: Topology): Graph {
  const direct = directPairs(topology);
  const drawn = topology.links.map((link) => linkParts(link, direct));
  const tunnels = topology.tunnels.map(tunnelParts);
  const parts = [...drawn, ...tunnels];
  const ports = grouped(
    parts.flatMap(({ port }) => port ?? []),
    ({ bridge }) => bridge,
  );
  return {
    lab: topology.lab,
    nodes: nodesOf(topology.links.filter((link) => !isHosts(link))),
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

/** Bridges of exactly two ends that the drawing shows. They are drawn as one edge. */
function directPairs({ bridges, links, tunnels }: Topology): ReadonlyMap<string, Pair> {
  const pairs = new Map<string, Pair>();
  const ends = grouped(links, bridgeOf);
  const tunnelled = new Set(tunnels.map(({ bridge }) => bridge));
  for (const { name } of bridges.filter((bridge) => !traitsOf(bridge).hasPorts && !tunnelled.has(bridge.name))) {
    const [one, other, ...more] = ends.get(name) ?? [];
    if (one && other && more.length === 0) pairs.set(name, [one, other]);
  }
  return pairs;
}

function directEdge(name: string, [one, other]: Pair): GraphEdge {
  return { from: deviceId(one), to: deviceId(other), type: one.type, label: name };
}

function nodesOf(links: readonly LinkSpec[]): readonly GraphNode[] {
  return [...grouped(links, nodeId)].flatMap(([id, own]) => {
    const selector = own[0]?.selector;
    const devices = own.map(deviceOf);
    return selector ? [{ id, ...selector, devices: unique([...ownParents(own), ...devices]) }] : [];
  });
}

function isHosts({ selector }: LinkSpec): boolean {
  return selector.kind === 'host';
}

function deviceOf(link: LinkSpec): GraphDevice {
  return { id: deviceId(link), label: link.dev, notes: notesOf(link) };
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
  const { type, vni, bridge, remote, netemText } = tunnel;
  const dev = `${type}-${vni}`;
  const device = { id: `port/${bridge}/${dev}`, label: dev, notes: netemNotes(netemText) };
  const far = { id: `remote/${remote}`, label: `remote host ${remote}`, notes: [] };
  const edge = { from: device.id, to: far.id, type, label: `${type} ${vni}` };
  return { port: { bridge, device }, parent: null, remote: far, edge };
}

function notesOf(link: LinkSpec): readonly string[] {
  return [
    ...link.addresses,
    ...(link.nat === null ? [] : [`nat ${link.nat}`]),
    ...link.forwards.map(({ outerPort, innerPort, protocol }) => `forward ${outerPort}:${innerPort}/${protocol}`),
    ...netemNotes(link.netemText),
    ...(link.state === 'down' ? ['state down'] : []),
  ];
}

function netemNotes(texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : [`netem ${texts.join(' ')}`];
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
