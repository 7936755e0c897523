/**
 * `plan/` decides, and does nothing else: pure functions from what is wanted (Network) and what is
 * there (Observed) to operations with causes. No `node:` imports, no clocks, no randomness.
 *
 * This file: what is there, indexed for the questions that `diff` asks.
 */

import { grouped } from '../grouped.ts';
import { bareMark, groupOf, markOf, ROLE, sameLab } from '../net/mark.ts';
import type { NamedNs, NsId } from '../net/ns-id.ts';
import type { Refusal } from '../topology/topology.ts';
import type {
  AddressDump,
  FarEnd,
  LinkDump,
  NsDump,
  OtherDump,
  OvsBridgeDump,
  OvsDump,
  OvsPortDump,
  RouteDump,
} from '../wire/seen.ts';

/** A device and the namespace it is in. */
export interface Found {
  readonly ns: NsId;
  readonly link: LinkDump;
}

/** The dump of a namespace that is there. */
export type ThereDump = NsDump & { readonly inode: number };

function isThere(dump: NsDump): dump is ThereDump {
  return dump.inode !== null;
}

/** One namespace's dump with look-ups. */
export interface NsView {
  readonly dump: ThereDump;
  readonly byName: ReadonlyMap<string, LinkDump>;
  readonly byIndex: ReadonlyMap<number, LinkDump>;
  readonly addressesOf: (ifindex: number) => readonly AddressDump[];
  readonly routesOf: (ifindex: number) => readonly RouteDump[];
  /** Rules of address translation of the lab, how many of each comment. */
  readonly translations: ReadonlyMap<string, number>;
  /** What others made; null: nobody has looked. */
  readonly others: readonly OtherDump[] | null;
  /** A veth's other end, in whichever namespace it is; null: it is gone; undefined: nobody has looked. */
  readonly farEndOf: (ifindex: number) => FarEnd | null | undefined;
}

/** One Open vSwitch of the lab with look-ups in its database. */
export interface OvsView {
  readonly dump: OvsDump;
  readonly bridgeOf: (name: string) => OvsBridgeDump | undefined;
  /** A port by its device, with the name of its bridge. */
  readonly portOf: (dev: string) => (OvsPortDump & { readonly bridge: string }) | undefined;
}

/** All that was seen before planning. */
export interface Observed {
  readonly namespaces: ReadonlyMap<NsId, NsView>;
  /** Devices of this lab by their marks, without further words (ports, bridges, direct ends, dummies). */
  readonly byAlias: ReadonlyMap<string, Found>;
  /** The lab's switch namespaces that exist, first one first. */
  readonly shards: readonly NamedNs[];
  /** Namespaces of nodes (or of parents) that are there and can't be looked into, and why. */
  readonly unreachable: ReadonlyMap<NsId, Refusal>;
  /** Whether the kernel keeps IFA_PROTO (Linux 5.18); without it every address on our devices counts as ours. */
  readonly addressProtocol: boolean;
  /** The lab's Open vSwitches, by the namespace they serve. */
  readonly ovs: ReadonlyMap<NsId, OvsView>;
}

function byDevice<T extends { readonly ifindex: number | null }>(
  items: readonly T[],
): (ifindex: number) => readonly T[] {
  const groups = grouped(items, ({ ifindex }) => ifindex);
  const none: readonly T[] = [];
  return (ifindex) => groups.get(ifindex) ?? none;
}

/** Index one dump. */
function viewOf(dump: ThereDump): NsView {
  return {
    dump,
    byName: new Map(dump.links.map((link) => [link.ifname, link])),
    byIndex: new Map(dump.links.map((link) => [link.ifindex, link])),
    addressesOf: byDevice(dump.addresses),
    routesOf: byDevice(dump.routes),
    translations: new Map(dump.translations.map(({ comment, rules }) => [comment, rules])),
    others: dump.others ?? null,
    farEndOf: (ifindex) => dump.farEnds?.get(ifindex),
  };
}

function ovsViewOf(dump: OvsDump): OvsView {
  const bridges = new Map(dump.bridges.map((bridge) => [bridge.name, bridge]));
  const ports = new Map(
    dump.bridges.flatMap(({ name, ports }) => ports.map((port) => [port.dev, { ...port, bridge: name }] as const)),
  );
  return { dump, bridgeOf: (name) => bridges.get(name), portOf: (dev) => ports.get(dev) };
}

/** Index all dumps; namespaces that do not exist are left out. */
export function observedOf(
  lab: string,
  dumps: readonly NsDump[],
  shards: readonly NamedNs[],
  addressProtocol: boolean,
  ovs: readonly OvsDump[] = [],
  unreachable: Observed['unreachable'] = new Map(),
): Observed {
  const namespaces = new Map<NsId, NsView>();
  const byAlias = new Map<string, Found>();
  const ours = groupOf(lab, ROLE.nodeEnd);
  for (const dump of dumps) {
    if (!isThere(dump)) continue;
    namespaces.set(dump.ns, viewOf(dump));
    for (const link of dump.links) {
      // A namespace can be there under two names (a container on the host's network): the first one counts.
      if (link.alias === '' || !sameLab(link.group, ours)) continue;
      const mark = bareMark(link.alias);
      if (!byAlias.has(mark) && markOf(mark) !== null) byAlias.set(mark, { ns: dump.ns, link });
    }
  }
  return {
    namespaces,
    byAlias,
    shards: shards.filter((ns) => namespaces.has(ns)),
    unreachable,
    addressProtocol,
    ovs: new Map(ovs.map((dump) => [dump.ns, ovsViewOf(dump)])),
  };
}

/** The same with some namespaces looked at again. */
export function withDumps(lab: string, observed: Observed, dumps: readonly NsDump[]): Observed {
  const again = new Map(dumps.map((dump) => [dump.ns, dump]));
  const all = [...observed.namespaces].map(([ns, view]) => again.get(ns) ?? view.dump);
  const ovs = [...observed.ovs.values()].map(({ dump }) => dump);
  return observedOf(lab, all, observed.shards, observed.addressProtocol, ovs, observed.unreachable);
}

/** An empty kernel: what `plan --offline` plans against. */
export const NOTHING_OBSERVED: Observed = {
  namespaces: new Map(),
  byAlias: new Map(),
  shards: [],
  unreachable: new Map(),
  addressProtocol: true,
  ovs: new Map(),
};
