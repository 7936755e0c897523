/** What a proof looks at before and after its probes: the ends as they are, and what they are called. */
import { setTimeout as sleep } from 'node:timers/promises';
import { groupOf, ROLE } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { Observed } from '../../plan/observed.ts';
import type { Evidence } from '../../proof/causes.ts';
import { type Domains, domainsOf, type IsWanted } from '../../proof/domains.ts';
import type { LocalEnd } from '../../proof/end.ts';
import { memberships } from '../../proof/switching.ts';
import type { Network } from '../../topology/topology.ts';
import type { ProbeEnd } from '../../wire/probe.ts';

/** How often the devices are looked at, and how long between, while a port has no carrier yet. */
const LOOKS = 10;
const PAUSE_MS = 100;

/** The place of an end that is in none of the places. */
const UNKNOWN = -2;

/** A network, and how it is looked at. */
interface Looked {
  readonly network: Network;
  readonly look: () => Promise<Observed>;
}

/** The domains as observed, once their ports have the carriers that the kernel passes on in the background. */
export async function settled(
  { network, look }: Looked,
  isWanted: IsWanted,
  crossing: ReadonlySet<string> = new Set(),
): Promise<{ readonly observed: Observed; readonly domains: Domains }> {
  for (let looks = 1; ; looks++) {
    const observed = await look();
    const domains = domainsOf(network, observed, isWanted, crossing);
    if (!domains.isUnsettled || looks === LOOKS) return { observed, domains };
    await sleep(PAUSE_MS);
  }
}

/** The namespaces of these, each once: some are reached by several names. */
export function placesOf(ends: readonly { readonly ns: NsId }[], { namespaces }: Observed): readonly NsId[] {
  const byInode = new Map<number, NsId>();
  for (const { ns } of ends) {
    const inode = namespaces.get(ns)?.dump.inode;
    if (inode !== undefined && !byInode.has(inode)) byInode.set(inode, ns);
  }
  return [...byInode.values()];
}

/** The namespaces in which the reason may be why these do not pass frames. */
export function namespacesOf(ends: readonly LocalEnd[]): ReadonlySet<NsId> {
  return new Set(ends.flatMap(({ ns, port }) => (port === null ? [ns] : [ns, port.ns])));
}

export function evidenceOf(network: Network, observed: Observed): Evidence {
  return {
    observed,
    membershipOf: memberships(observed, groupOf(network.lab, ROLE.nodeEnd)),
    bridges: new Map(network.bridges.map((bridge) => [bridge.name, bridge])),
  };
}

/** Names devices that are no ends. */
export function deviceNames(
  { nodes }: Network,
  places: readonly NsId[],
  { namespaces }: Observed,
): (device: { readonly place: number; readonly ifindex: number }) => string {
  return ({ place, ifindex }) => {
    const ns = places[place];
    const device = ns === undefined ? undefined : namespaces.get(ns)?.byIndex.get(ifindex)?.ifname;
    return `${nodes.find((node) => node.ns === ns)?.name ?? ns}:${device ?? `device ${ifindex}`}`;
  };
}

/** What the prober has to know of the ends. */
export function probeEnds(
  ends: readonly LocalEnd[],
  places: readonly NsId[],
  inodeOf: (ns: NsId) => number,
): readonly ProbeEnd[] {
  const placeOf = new Map(places.map((ns, at) => [inodeOf(ns), at]));
  return ends.map(({ ns, device, address }) => ({
    place: placeOf.get(inodeOf(ns)) ?? UNKNOWN,
    ifindex: device.ifindex,
    mac: device.mac,
    isPort: device.master !== 0,
    address,
  }));
}
