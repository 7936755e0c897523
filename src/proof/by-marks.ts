/** A lab by its marks alone → a network to prove: what is tied together now counts as wanted. */

import { isPairedDevice } from '../kinds/links/link-kinds.ts';
import { NO_NUMBERS } from '../net/link-numbers.ts';
import { linkOfMark } from '../net/mark.ts';
import type { NsId } from '../net/ns-id.ts';
import type { Observed } from '../plan/observed.ts';
import type { LinkStatus, StatusReport } from '../plan/status/status.ts';
import type { BridgeSpec, Link, Network, Node, Selector, TunnelSpec, VethSpec } from '../topology/topology.ts';

/** What has to be read of a lab before its wires are known: the other ends of these devices, and where these ports redirect to. */
export interface Questions {
  readonly farEnds: ReadonlyMap<NsId, ReadonlySet<number>>;
  readonly ports: ReadonlySet<NsId>;
}

export function questionsOf({ links }: Pick<StatusReport, 'links'>): Questions {
  const farEnds = new Map<NsId, Set<number>>();
  const ports = new Set<NsId>();
  for (const { ns, bridge, port, observed } of links) {
    if (bridge !== null || observed === null) continue;
    if (port !== null) ports.add(port.ns);
    else farEnds.set(ns, (farEnds.get(ns) ?? new Set()).add(observed.ifindex));
  }
  return { farEnds, ports };
}

/** `observed` answers the questions of the report. Links whose other end is not found are on a bridge of their own. */
export function networkByMarks(report: StatusReport, observed: Observed): Network {
  const { lab } = report;
  const bridges = new Map<string, BridgeSpec>();
  const add = (name: string, mode: BridgeSpec['mode']): string => {
    if (!bridges.has(name))
      bridges.set(name, { name, mode, datapath: null, mcastSnooping: false, extra: NOTHING, where: nowhere });
    return name;
  };
  const nodes = new Map<string, Node>();
  const partners = partnersOf(report, observed);
  const links = report.links.map((status): Link => {
    const name = status.link.slice(0, status.link.length - status.dev.length - 1);
    const node = nodes.get(name) ?? nodeOf(name, status.ns);
    nodes.set(name, node);
    return linkOf(status, node, partOf(status, observed, partners, add));
  });
  return {
    ...{ lab, links, nodes: [...nodes.values()], bridges: [...bridges.values()], tunnels: tunnelsOf(report) },
    ...{ refused: new Map(), pending: [] },
  };
}

type Part = { readonly type: 'dummy' } | ReturnType<typeof onBridge>;

/** What a link is tied to. `add` records a bridge, and returns its name. */
function partOf(
  status: LinkStatus,
  observed: Observed,
  partners: ReadonlyMap<string, string>,
  add: (name: string, mode: BridgeSpec['mode']) => string,
): Part {
  const { bridge, port } = status;
  if (port === null && status.observed !== null && !isPairedDevice(status.observed)) return { type: 'dummy' };
  if (bridge !== null) {
    const isOvs = port !== null && observed.ovs.get(port.ns)?.bridgeOf(bridge) !== undefined;
    return onBridge(add(bridge, isOvs ? 'ovs' : 'linux'));
  }
  const partner = partners.get(status.link);
  const ends = [status.link, ...(partner === undefined ? [] : [partner])].sort();
  return onBridge(add(ends.join(' – '), port === null ? 'direct' : 'patch'));
}

/** The other ends of wires. One that is found from one side only is the other's too. */
function partnersOf({ links }: StatusReport, observed: Observed): ReadonlyMap<string, string> {
  const partners = new Map<string, string>();
  for (const status of links) {
    if (status.bridge !== null) continue;
    const partner = status.port === null ? otherEnd(status, observed) : redirectedTo(status, observed);
    if (partner === null) continue;
    partners.set(status.link, partner);
    if (!partners.has(partner)) partners.set(partner, status.link);
  }
  return partners;
}

const nowhere = (): undefined => undefined;
const NOTHING = {};

function onBridge(bridge: string): { readonly type: 'veth'; readonly bridge: string; readonly outerDev: null } {
  return { type: 'veth', bridge, outerDev: null };
}

function nodeOf(name: string, ns: NsId): Node {
  return { kind: 'host', name, ns, id: null, service: null, index: 1 } as Node;
}

/** Written out, as of 100,000 objects that are spread into others each would get a description of its own. */
function linkOf({ link: id, dev }: LinkStatus, node: Node, part: Part): Link {
  const spec: VethSpec = {
    selector: selectorOf(node),
    dev,
    mac: null,
    addresses: NONE,
    mtuBytes: null,
    routes: NONE,
    state: 'up',
    queues: 1,
    numbers: NO_NUMBERS,
    nat: null,
    forwards: NONE,
    netem: null,
    netemText: NONE,
    ethtool: NONE,
    txChecksumOff: false,
    where: nowhere,
    type: 'veth',
    bridge: 'bridge' in part ? part.bridge : '',
    outerDev: null,
  };
  if ('bridge' in part) return { id, node, dev, mac: null, addresses: NONE, forwards: NONE, outerDev: null, spec };
  const { bridge: _, outerDev: _outerDev, ...plain } = spec;
  return { id, node, dev, mac: null, addresses: NONE, forwards: NONE, spec: { ...plain, type: part.type } };
}

const NONE: readonly never[] = [];
const selectors = new WeakMap<Node, Selector>();

/** One for all links of a node. */
function selectorOf(node: Node): Selector {
  const known = selectors.get(node);
  if (known !== undefined) return known;
  const selector = { kind: 'netns', name: node.name } as const;
  selectors.set(node, selector);
  return selector;
}

/** The link at the other end of a direct one. null: not found. */
function otherEnd({ ns, observed: device }: LinkStatus, observed: Observed): string | null {
  const far = device === null ? null : observed.namespaces.get(ns)?.farEndOf(device.ifindex);
  return far ? linkOfMark(far.alias) : null;
}

/** The link to whose port a port redirects. null: none is found. */
function redirectedTo({ port }: LinkStatus, observed: Observed): string | null {
  const view = port === null ? undefined : observed.namespaces.get(port.ns);
  const redirect = view?.byName.get(port?.dev ?? '')?.redirect ?? null;
  return redirect === null ? null : linkOfMark(view?.byIndex.get(redirect)?.alias ?? '');
}

function tunnelsOf({ tunnels }: StatusReport): readonly TunnelSpec[] {
  return tunnels.map(({ type, bridge, remote, vni }) => ({
    ...{ type: type as TunnelSpec['type'], bridge: bridge ?? '-', remote, vni: vni ?? 0 },
    ...{ netem: null, netemText: [], extra: {}, where: nowhere },
  }));
}
