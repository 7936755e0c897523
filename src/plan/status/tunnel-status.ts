import { BRIDGE_NODE, markOf, TUNNEL_NODE } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import { subjectText } from '../../subject.ts';
import { trunkDev, tunnelDev } from '../../topology/names.ts';
import type { Network } from '../../topology/topology.ts';
import { remoteText } from '../../topology/tunnels.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Observed } from '../observed.ts';
import { tunnelId } from '../parents/tunnels.ts';
import type { Plan } from '../plan.ts';
import { type Placement, tunnelAlias } from '../switch/placement.ts';
import { hasWire } from '../traffic/trunk-wires.ts';
import type { TunnelStatus } from './status.ts';

/** Each tunnel of the network as wanted and as observed, then the lab's tunnels that nothing wants. */
export function tunnelStatus(
  { lab, tunnels }: Network,
  observed: Observed,
  placement: Placement,
  plan: Plan,
): readonly TunnelStatus[] {
  const driftOf = driftsOf(plan);
  const wanted = tunnels.flatMap((spec): TunnelStatus[] => {
    const ns = placement.nsOfBridge.get(spec.bridge);
    if (ns === undefined) return [];
    const name = tunnelDev(spec);
    const { type, bridge, vni } = spec;
    const remote = remoteText(spec);
    const device = spec.isInTrunk ? trunkOf(lab, observed, ns, vni) : deviceOf(observed, ns, tunnelAlias(lab, name));
    return [{ name, ns, type, bridge, remote, vni, desired: true, observed: device, drift: driftOf(tunnelId(spec)) }];
  });
  const names = new Set(wanted.map(({ name }) => name));
  return [...wanted, ...tunnelsByMarks(lab, observed).filter(({ name }) => !names.has(name))];
}

function deviceOf(observed: Observed, ns: NsId, alias: string): LinkDump | null {
  const found = observed.byAlias.get(alias);
  return found?.ns === ns ? found.link : null;
}

/** The trunk that a wire goes through; null: there is none, or the wire is not in it. */
function trunkOf(lab: string, observed: Observed, ns: NsId, vni: number): LinkDump | null {
  const device = deviceOf(observed, ns, tunnelAlias(lab, trunkDev(lab, ns)));
  return device !== null && hasWire(device, vni) ? device : null;
}

/** A lab's tunnels, by their marks alone. */
export function tunnelsByMarks(lab: string, observed: Observed): readonly TunnelStatus[] {
  return [...observed.byAlias].flatMap(([alias, { ns, link }]): TunnelStatus[] => {
    const mark = markOf(alias);
    if (mark?.lab !== lab || mark.node !== TUNNEL_NODE) return [];
    if (link.tunnel?.isExternal) return wiresOf(ns, link);
    return [
      {
        name: link.ifname,
        ns,
        type: link.kind,
        bridge: bridgeOf(observed, ns, link),
        remote: link.tunnel === null ? '' : remoteText(link.tunnel),
        vni: link.tunnel?.vni ?? null,
        desired: false,
        observed: link,
        drift: [],
      },
    ];
  });
}

/** The wires of a trunk; which bridges they are the trunk does not say. */
function wiresOf(ns: NsId, link: LinkDump): TunnelStatus[] {
  return (link.trunk?.out ?? []).map(({ vni, remote }) => ({
    ...{ name: tunnelDev({ type: 'vxlan', vni }), ns, type: link.kind, bridge: null, remote, vni },
    ...{ desired: false, observed: link, drift: [] },
  }));
}

function bridgeOf(observed: Observed, ns: NsId, { ifname, master }: { ifname: string; master: number }): string | null {
  const ovs = observed.ovs.get(ns)?.portOf(ifname);
  const device = observed.namespaces.get(ns)?.byIndex.get(master);
  return ovs?.bridge ?? (markOf(device?.alias ?? '')?.node === BRIDGE_NODE ? (device?.ifname ?? null) : null);
}

/**
 * The causes for which the plan would change a tunnel, or the reason why it can't. A tunnel that is to be made is
 * missing, so it needs no cause.
 */
function driftsOf({ ops, failures }: Plan): (id: string) => readonly string[] {
  const drifts = new Map<string, Set<string>>();
  const add = (id: string | null, cause: string): void => {
    if (id === null || cause === 'missing') return;
    const known = drifts.get(id);
    if (known) known.add(cause);
    else drifts.set(id, new Set([cause]));
  };
  for (const { link, cause } of ops) add(link, cause);
  for (const { subject, message } of failures) add(subjectText(subject), message);
  return (id) => [...(drifts.get(id) ?? [])];
}
