/** Network, observation and plan → StatusReport. The reported drift is the plan's own causes. Pure. */

import { grouped } from '../../grouped.ts';
import { traitsOf } from '../../kinds/bridge-modes.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import type { BridgeSpec, Link, Network } from '../../topology/topology.ts';
import type { NsView } from '../ns-view.ts';
import type { Found, Observed } from '../observed.ts';
import { type Absence, notRunning, pendingOf } from '../pending/pending.ts';
import type { Plan, PlannedLink } from '../plan.ts';
import { aliasOfLink, bridgeAlias, type Placement } from '../switch/placement.ts';
import { marked, portsOf } from './by-marks.ts';
import { nodeStatus } from './nodes.ts';
import type { BridgeStatus, LinkStatus, StatusReport } from './status.ts';
import { tunnelStatus } from './tunnel-status.ts';

/**
 * Describes a network as observed. `plan` is the diff of the same network and observation. What the plan removes
 * appears as links that nobody wants.
 */
export function statusOf(
  network: Network,
  observed: Observed,
  placement: Placement,
  plan: Plan,
  absence: Absence = notRunning(null),
): StatusReport {
  // Of 100,000 links nearly all are as wanted, and need no entry.
  const differing = plan.links.filter(({ verdict }) => verdict !== 'unchanged');
  const planned = new Map(differing.map((entry) => [entry.link, entry]));
  const overridden = grouped(plan.overrides, ({ link }) => link);
  const wanted = new Set<Found>();
  return {
    lab: network.lab,
    configured: true,
    nodes: nodeStatus(network, plan),
    links: [
      ...network.links.map((link) => {
        const mark = observed.byAlias.get(aliasOfLink(network.lab, link));
        if (mark !== undefined) wanted.add(mark);
        const status = linkStatus(observed, link, mark, planned.get(link.id));
        return overridden.has(link.id) ? { ...status, overrides: overridden.get(link.id) ?? [] } : status;
      }),
      ...marked(network.lab, observed, wanted),
    ],
    bridges: network.bridges.flatMap((bridge) => bridgeStatus(network.lab, bridge, observed, placement)),
    tunnels: tunnelStatus(network, observed, placement, plan),
    pending: pendingOf(network, plan, absence),
    programs: [],
    commands: [],
  };
}

/** What most links have of both. */
const NONE: readonly never[] = [];

function linkStatus(
  observed: Observed,
  link: Link,
  mark: Found | undefined,
  planned: PlannedLink | undefined,
): LinkStatus {
  const view = observed.namespaces.get(link.node.ns);
  const device = view?.byName.get(link.dev) ?? null;
  const isPort = mark !== undefined && mark.link.ifindex !== device?.ifindex;
  // Not spread into: each of 100,000 objects would get a description of its own, larger than the object.
  const status: LinkStatus = {
    link: link.id,
    ns: link.node.ns,
    dev: link.dev,
    bridge: bridgeOf(link.spec),
    desired: link.spec.state,
    observed: device,
    addresses: device && view ? addressesOn(view, device.ifindex) : NONE,
    port: isPort ? { ns: mark.ns, dev: mark.link.ifname } : null,
    waits: planned?.verdict === 'waits',
    drift: planned === undefined || planned.cause === null ? NONE : [planned.cause],
    overrides: NONE,
  };
  return link.spec.isHeldBack ? { ...status, isHeldBack: true } : status;
}

function addressesOn(view: NsView, ifindex: number): LinkStatus['addresses'] {
  const found = view.addressesOf(ifindex);
  return found.length === 0 ? NONE : found.map(({ address }) => address);
}

function bridgeStatus(lab: string, bridge: BridgeSpec, observed: Observed, placement: Placement): BridgeStatus[] {
  const ns = placement.nsOfBridge.get(bridge.name);
  // A wire has no device. Its ports are reported with their links.
  if (ns === undefined || !traitsOf(bridge).isDevice) return [];
  const device = observed.namespaces.get(ns)?.byName.get(bridge.name);
  const isOurs = bridge.isExternal || device?.alias === bridgeAlias(lab, bridge.name);
  return [
    {
      name: bridge.name,
      ns,
      desired: true,
      observed: (isOurs && device) || null,
      ports: device ? portsOf(observed, ns, device) : 0,
    },
  ];
}
