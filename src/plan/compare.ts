/** Network, observation and plan → StatusReport; the drift told is the plan's own causes. Pure. */
import type { LinkDump, NsDump } from '../engine/protocol.ts';
import { BRIDGE_NODE, groupOf, isOfLink, type Mark, markOf, ROLE, sameLab } from '../net/mark.ts';
import type { BridgeSpec, Link, Network, NsId } from '../topology/topology.ts';
import { aliasOfLink } from './context.ts';
import { tunnelStatus, tunnelsByMarks } from './lower/tunnel-status.ts';
import type { Found, Observed } from './observed.ts';
import { type Absence, notRunning, pendingOf } from './pending/pending.ts';
import { bridgeAlias, type Placement } from './placement.ts';
import type { Plan, PlannedLink } from './plan.ts';
import type { BridgeStatus, LinkStatus, StatusReport } from './status.ts';

/** Describe a network as observed. `plan` is the diff of the same two; its removals appear as links that nobody wants. */
export function statusOf(
  network: Network,
  observed: Observed,
  placement: Placement,
  plan: Plan,
  absence: Absence = notRunning(null),
): StatusReport {
  const planned = new Map(plan.links.map((entry) => [entry.link, entry]));
  const wanted = new Set(network.links.map((link) => aliasOfLink(network.lab, link)));
  return {
    lab: network.lab,
    configured: true,
    links: [
      ...network.links.map((link) => linkStatus(network, observed, link, planned.get(link.id))),
      ...strays(network.lab, observed, wanted),
    ],
    bridges: network.bridges.flatMap((bridge) => bridgeStatus(network.lab, bridge, observed, placement)),
    tunnels: tunnelStatus(network, observed, placement, plan),
    pending: pendingOf(network, plan, absence),
    commands: [],
  };
}

/** Describe a lab by its marks alone, without a configuration to compare with. */
export function statusByMarks(lab: string, observed: Observed): StatusReport {
  const links = strays(lab, observed, new Set());
  return {
    lab,
    configured: false,
    links,
    bridges: bridgesByMarks(lab, observed),
    tunnels: tunnelsByMarks(lab, observed),
    pending: [],
    commands: [],
  };
}

function linkStatus(network: Network, observed: Observed, link: Link, planned: PlannedLink | undefined): LinkStatus {
  const view = observed.namespaces.get(link.node.ns);
  const device = view?.byName.get(link.dev) ?? null;
  const marked = observed.byAlias.get(aliasOfLink(network.lab, link));
  const isPort = marked !== undefined && marked.link.ifindex !== device?.ifindex;
  return {
    link: link.id,
    ns: link.node.ns,
    dev: link.dev,
    bridge: link.spec.bridge,
    desired: link.spec.state,
    observed: device,
    addresses: device && view ? view.addressesOf(device.ifindex).map((entry) => entry.address) : [],
    port: isPort ? { ns: marked.ns, dev: marked.link.ifname } : null,
    waits: planned?.verdict === 'waits',
    drift: planned === undefined || planned.verdict === 'unchanged' ? [] : [planned.cause],
  };
}

/** Marked devices that no link of the network has. */
function strays(lab: string, observed: Observed, wanted: ReadonlySet<string>): LinkStatus[] {
  const found: LinkStatus[] = [];
  for (const [alias, { ns, link }] of observed.byAlias) {
    const mark = markOf(alias);
    if (mark && mark.lab === lab && isOfLink(mark) && !wanted.has(alias))
      found.push(stray(lab, observed, mark, { ns, link }));
  }
  return found;
}

function stray(lab: string, observed: Observed, mark: Mark, found: Found): LinkStatus {
  const isPort = found.link.group === groupOf(lab, ROLE.port);
  const master = observed.namespaces.get(found.ns)?.byIndex.get(found.link.master);
  const ovsPort = observed.ovs.get(found.ns)?.portOf(found.link.ifname);
  return {
    link: `${mark.node}:${mark.dev}`,
    ns: found.ns,
    dev: mark.dev,
    bridge: isPort ? (ovsPort?.bridge ?? master?.ifname ?? null) : null,
    desired: null,
    observed: found.link,
    addresses: [],
    port: isPort ? { ns: found.ns, dev: found.link.ifname } : null,
    waits: false,
    drift: [],
  };
}

function bridgeStatus(lab: string, bridge: BridgeSpec, observed: Observed, placement: Placement): BridgeStatus[] {
  const ns = placement.nsOfBridge.get(bridge.name);
  // A wire is no device: its ports are told with their links.
  if (ns === undefined || bridge.mode === 'patch') return [];
  const device = observed.namespaces.get(ns)?.byName.get(bridge.name);
  const isOurs = device !== undefined && device.alias === bridgeAlias(lab, bridge.name);
  return [
    {
      name: bridge.name,
      ns,
      desired: true,
      observed: isOurs ? device : null,
      ports: device ? portsOf(observed, ns, device) : 0,
    },
  ];
}

function bridgesByMarks(lab: string, observed: Observed): BridgeStatus[] {
  const bridges: BridgeStatus[] = [];
  for (const [alias, { ns, link }] of observed.byAlias) {
    const mark = markOf(alias);
    if (mark?.lab !== lab || mark.node !== BRIDGE_NODE) continue;
    bridges.push({ name: link.ifname, ns, desired: false, observed: link, ports: portsOf(observed, ns, link) });
  }
  return bridges;
}

function portsOf(observed: Observed, ns: NsId, bridge: LinkDump): number {
  const ovs = observed.ovs.get(ns)?.bridgeOf(bridge.ifname);
  if (ovs) return ovs.ports.length;
  return observed.namespaces.get(ns)?.dump.links.filter((link) => link.master === bridge.ifindex).length ?? 0;
}

/** One lab that has something on this host, for `status --all`. */
export interface LabSeen {
  readonly lab: string;
  readonly links: number;
  readonly bridges: number;
  readonly namespaces: readonly NsId[];
}

/** Every lab whose marks are in these dumps, by name. */
export function labsIn(dumps: readonly NsDump[]): readonly LabSeen[] {
  const labs = new Map<string, { links: Set<string>; bridges: number; namespaces: Set<NsId> }>();
  for (const { ns, links } of dumps) for (const device of links) note(labs, ns, device);
  return [...labs]
    .map(([lab, { links, bridges, namespaces }]) => ({ lab, links: links.size, bridges, namespaces: [...namespaces] }))
    .sort((a, b) => (a.lab < b.lab ? -1 : 1));
}

function note(
  labs: Map<string, { links: Set<string>; bridges: number; namespaces: Set<NsId> }>,
  ns: NsId,
  device: LinkDump,
): void {
  const mark = markOf(device.alias);
  if (!mark || (device.ifname !== 'lo' && !sameLab(device.group, groupOf(mark.lab, ROLE.nodeEnd)))) return;
  const seen = labs.get(mark.lab) ?? { links: new Set<string>(), bridges: 0, namespaces: new Set<NsId>() };
  labs.set(mark.lab, seen);
  seen.namespaces.add(ns);
  if (mark.node === BRIDGE_NODE) seen.bridges += 1;
  else if (isOfLink(mark)) seen.links.add(`${mark.node}:${mark.dev}`);
}
