/**
 * This file and `labs.ts` describe labs by their marks alone, without a configuration to compare with. Both are pure.
 *
 * This file describes one lab.
 */

import { isPairedDevice } from '../../kinds/links/link-kinds.ts';
import { BRIDGE_NODE, groupOf, isOfLink, type Mark, markOf, ROLE } from '../../net/mark.ts';
import { type NsId, netnsNameOf } from '../../net/ns-id.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { NsView } from '../ns-view.ts';
import { type Found, type Observed, type OvsView, ovsIn } from '../observed.ts';
import { overridesOfDevice } from '../overrides/describe.ts';
import type { BridgeStatus, LinkStatus, StatusReport } from './status.ts';
import { tunnelsByMarks } from './tunnel-status.ts';

/** The containers' names, by their network namespaces. */
export type ContainerNames = ReadonlyMap<NsId, string>;

/** Describes a lab. `names` tells apart two nodes whose devices have the same indexes. */
export function statusByMarks(lab: string, observed: Observed, names: ContainerNames = new Map()): StatusReport {
  return {
    lab,
    configured: false,
    nodes: [],
    links: marked(lab, observed, new Set(), names),
    bridges: bridgesByMarks(lab, observed),
    tunnels: tunnelsByMarks(lab, observed),
    pending: [],
    programs: [],
    commands: [],
  };
}

/** Links of the lab by the marks on their devices, except those of which `wanted` has the device. */
export function marked(
  lab: string,
  observed: Observed,
  wanted: ReadonlySet<Found>,
  names: ContainerNames = new Map(),
): LinkStatus[] {
  const found: LinkStatus[] = [];
  let ends: Ends | null = null;
  for (const [alias, device] of observed.byAlias) {
    if (wanted.has(device)) continue;
    const mark = markOf(alias);
    if (!mark || mark.lab !== lab || !isOfLink(mark)) continue;
    ends ??= nodeEnds(lab, observed);
    found.push(statusOfMark(lab, observed, mark, device, { ends, names }));
  }
  return found;
}

interface Beyond {
  readonly ends: Ends;
  readonly names: ContainerNames;
}

function statusOfMark(lab: string, observed: Observed, mark: Mark, found: Found, beyond: Beyond): LinkStatus {
  const isPort = found.link.group === groupOf(lab, ROLE.port);
  const master = observed.namespaces.get(found.ns)?.byIndex.get(found.link.master);
  const ovsPort = portIn(observed, found);
  const end = isPort ? endOf(mark, found, beyond) : found;
  const addresses = end === null ? [] : (observed.namespaces.get(end.ns)?.addressesOf(end.link.ifindex) ?? []);
  return {
    link: `${mark.node}:${mark.dev}`,
    ns: (end ?? found).ns,
    dev: mark.dev,
    bridge: isPort ? (ovsPort?.bridge ?? master?.ifname ?? null) : null,
    desired: null,
    observed: (end ?? found).link,
    addresses: addresses.length === 0 ? NONE : addresses.map(({ address }) => address),
    port: isPort ? { ns: found.ns, dev: found.link.ifname } : null,
    waits: false,
    drift: end === null ? NO_END : NONE,
    overrides: overridesOn(end, isPort ? found : null),
  };
}

const NONE: readonly never[] = [];
const NO_END: LinkStatus['drift'] = ['its node end is not found'];

function overridesOn(end: Found | null, port: Found | null): LinkStatus['overrides'] {
  const ofEnd = end === null ? NONE : overridesOfDevice(end.link, 'node', null);
  const ofPort = port === null ? NONE : overridesOfDevice(port.link, 'port', null);
  return ofEnd.length + ofPort.length === 0 ? NONE : [...ofEnd, ...ofPort];
}

function portIn(observed: Observed, { ns, link }: Found): ReturnType<OvsView['portOf']> {
  return ovsIn(observed, ns).flatMap(({ portOf }) => portOf(link.ifname) ?? [])[0];
}

/** Node ends of veths, by the two indexes of the pair. Their own alias is empty; only their group tells the lab. */
type Ends = ReadonlyMap<string, readonly Found[]>;

function keyOf(ownIndex: number, peerIndex: number, dev: string): string {
  return `${ownIndex} ${peerIndex} ${dev}`;
}

function nodeEnds(lab: string, observed: Observed): Ends {
  const ends = new Map<string, Found[]>();
  const group = groupOf(lab, ROLE.nodeEnd);
  for (const [ns, { dump }] of observed.namespaces) {
    for (const link of dump.links) {
      if (link.group !== group || !isPairedDevice(link)) continue;
      const key = keyOf(link.ifindex, link.peerIndex, link.ifname);
      const same = ends.get(key);
      if (same) same.push({ ns, link });
      else ends.set(key, [{ ns, link }]);
    }
  }
  return ends;
}

/** The node end of a port. null: there is none, or several match. */
function endOf(mark: Mark, { link }: Found, { ends, names }: Beyond): Found | null {
  const candidates = ends.get(keyOf(link.peerIndex, link.ifindex, mark.dev)) ?? [];
  const node = mark.node.replace(/^(netns|container|node)\//, '');
  const called = [node, `${mark.lab}.${node}`];
  const named = candidates.filter(({ ns }) => called.includes(netnsNameOf(ns) ?? names.get(ns) ?? ''));
  const [only, second] = named.length > 0 ? named : candidates;
  return only && !second ? only : null;
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

/** For each namespace, the number of ports of each bridge, by the bridge's index. */
const counts = new WeakMap<NsView, Map<number, number>>();

function portCounts(view: NsView): ReadonlyMap<number, number> {
  const known = counts.get(view);
  if (known) return known;
  const ports = new Map<number, number>();
  for (const { master } of view.dump.links) ports.set(master, (ports.get(master) ?? 0) + 1);
  counts.set(view, ports);
  return ports;
}

/** The number of ports of a bridge. */
export function portsOf(observed: Observed, ns: NsId, bridge: LinkDump): number {
  const [ovs] = ovsIn(observed, ns).flatMap(({ bridgeOf }) => bridgeOf(bridge.ifname) ?? []);
  if (ovs) return ovs.ports.length;
  const view = observed.namespaces.get(ns);
  return view === undefined ? 0 : (portCounts(view).get(bridge.ifindex) ?? 0);
}
