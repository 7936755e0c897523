/**
 * `plan/` decides and does nothing else. Its pure functions turn what is wanted (Network) and what exists (Observed)
 * into operations with causes. No `node:` imports, no clocks, no randomness.
 *
 * This file indexes what exists for the questions that `diff` asks.
 */

import { bareMark, groupOf, isPortGroup, markOf, ROLE, sameLab } from '../net/mark.ts';
import type { NamedNs, NsId } from '../net/ns-id.ts';
import { isOverridden, overriddenOn } from '../net/override.ts';
import type { Refusal } from '../topology/topology.ts';
import type { LinkDump, NsDump, OvsBridgeDump, OvsDump, OvsPortDump } from '../wire/seen.ts';
import { type NsView, type ThereDump, viewOf } from './ns-view.ts';

/** A device and its namespace. */
export interface Found {
  readonly ns: NsId;
  readonly link: LinkDump;
}

function isThere(dump: NsDump): dump is ThereDump {
  return dump.inode !== null;
}

/** One Open vSwitch of the lab, with look-ups in its database. */
export interface OvsView {
  readonly dump: OvsDump;
  readonly bridgeOf: (name: string) => OvsBridgeDump | undefined;
  /** Finds a port by its device, and tells the bridge that it is in. */
  readonly portOf: (dev: string) => (OvsPortDump & { readonly bridge: string }) | undefined;
}

/** Everything that was observed before planning. */
export interface Observed {
  readonly namespaces: ReadonlyMap<NsId, NsView>;
  /**
   * Devices of this lab by their marks without further words: ports, bridges, ends of direct links, devices with one
   * end. A node end of which something was set by hand has the mark that its port has; the port counts.
   */
  readonly byAlias: ReadonlyMap<string, Found>;
  /** Whether any device of this lab carries the mark of something that was set by hand. */
  readonly hasOverrides: boolean;
  /** The lab's switch namespaces that exist, in the order of their numbers. */
  readonly shards: readonly NamedNs[];
  /** Namespaces of nodes (or of parents) that exist but can't be entered, and why. */
  readonly unreachable: ReadonlyMap<NsId, Refusal>;
  /**
   * Whether the kernel keeps IFA_PROTO (Linux 5.18). Without it every address on linkloom's devices counts as
   * linkloom's.
   */
  readonly addressProtocol: boolean;
  /** The lab's Open vSwitches, by the namespace that they serve. */
  readonly ovs: ReadonlyMap<NsId, OvsView>;
  /** The host's own Open vSwitch, of which some bridges may be joined; null: none was found, or nobody has looked. */
  readonly systemOvs: OvsView | null;
}

/** The same namespace with devices as they are later. */
export function withDevices(view: NsView, devices: ReadonlyMap<number, LinkDump>): NsView {
  return viewOf({ ...view.dump, links: view.dump.links.map((link) => devices.get(link.ifindex) ?? link) });
}

function ovsViewOf(dump: OvsDump): OvsView {
  const bridges = new Map(dump.bridges.map((bridge) => [bridge.name, bridge]));
  const ports = new Map(
    dump.bridges.flatMap(({ name, ports }) => ports.map((port) => [port.dev, { ...port, bridge: name }] as const)),
  );
  return { dump, bridgeOf: (name) => bridges.get(name), portOf: (dev) => ports.get(dev) };
}

/** Indexes all dumps. Namespaces that do not exist are left out. */
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
  let hasOverrides = false;
  for (const dump of dumps) {
    if (!isThere(dump)) continue;
    namespaces.set(dump.ns, viewOf(dump));
    for (const link of dump.links) {
      if (!sameLab(link.group, ours)) continue;
      hasOverrides ||= isOverridden(overriddenOn(link));
      if (link.alias === '') continue;
      const mark = bareMark(link.alias);
      const known = byAlias.get(mark);
      // A namespace can have two names (a container on the host's network). The first one counts.
      const isFirst = known === undefined || (isPortGroup(link.group) && !isPortGroup(known.link.group));
      if (isFirst && markOf(mark) !== null) byAlias.set(mark, { ns: dump.ns, link });
    }
  }
  return {
    namespaces,
    byAlias,
    hasOverrides,
    shards: shards.filter((ns) => namespaces.has(ns)),
    unreachable,
    addressProtocol,
    ovs: new Map(ovs.flatMap((dump) => (dump.isSystem ? [] : [[dump.ns, ovsViewOf(dump)] as const]))),
    systemOvs: systemOf(ovs),
  };
}

/** Every Open vSwitch that was read: the lab's, and the host's own. */
export function allOvs({ ovs, systemOvs }: Observed): readonly OvsView[] {
  return [...ovs.values(), ...(systemOvs === null ? [] : [systemOvs])];
}

/** Those that serve a namespace, of which the lab's own comes first. */
export function ovsIn(observed: Observed, ns: NsId): readonly OvsView[] {
  return allOvs(observed).filter(({ dump }) => dump.ns === ns);
}

function systemOf(ovs: readonly OvsDump[]): OvsView | null {
  const system = ovs.find(({ isSystem }) => isSystem);
  return system === undefined ? null : ovsViewOf(system);
}

/** The same observation with some namespaces observed anew. */
export function withDumps(lab: string, observed: Observed, dumps: readonly NsDump[]): Observed {
  const again = new Map(dumps.map((dump) => [dump.ns, dump]));
  const all = [...observed.namespaces].map(([ns, view]) => again.get(ns) ?? view.dump);
  const ovs = allOvs(observed).map(({ dump }) => dump);
  return observedOf(lab, all, observed.shards, observed.addressProtocol, ovs, observed.unreachable);
}

/** A kernel without any devices. `plan --offline` plans against it. */
export const NOTHING_OBSERVED: Observed = {
  namespaces: new Map(),
  byAlias: new Map(),
  hasOverrides: false,
  shards: [],
  unreachable: new Map(),
  addressProtocol: true,
  ovs: new Map(),
  systemOvs: null,
};
