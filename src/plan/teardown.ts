/** What `down` does: it removes everything of a lab, found by marks alone. No configuration is read. */

import { isLinuxBridge } from '../kinds/bridge-modes.ts';
import { bareMark, groupOf, isOfLink, isPortGroup, markOf, ROLE, sameLab } from '../net/mark.ts';
import { isNamed, type NsId, OWN_NS } from '../net/ns-id.ts';
import { goesWith } from '../net/tenants.ts';
import type { Op } from '../wire/op.ts';
import type { LinkDump, NsDump, OvsDump } from '../wire/seen.ts';
import { natSet } from './extras/translations.ts';
import { returnUplink } from './extras/uplink.ts';
import { leftRoutes } from './ip/left.ts';
import { ovsDirectory } from './ovs/instance.ts';
import { isShard, Ownership } from './ownership.ts';
import { bridgesIn, manyBridges } from './switch/bridges-in.ts';

export interface Teardown {
  readonly ops: readonly Op[];
  /** Every link whose mark was observed, as `NODE:DEV`. */
  readonly links: readonly string[];
  /** Namespaces that are removed and may hold processes. The report names them. */
  readonly nodeNamespaces: readonly NsId[];
  /** Namespaces of this lab that stay because another lab has devices in them. */
  readonly shared: readonly NsId[];
}

type Groups = { readonly nodeEnd: number; readonly port: number; readonly bridge: number };

/**
 * Plans the end of the lab's Open vSwitch instances, given their namespaces. They are stopped before anything is
 * observed: a daemon keeps its namespace alive even without a name, and the devices of the bridges belong to the
 * daemon.
 */
export function planOvsStops(lab: string, instances: readonly NsId[]): readonly Op[] {
  return instances.map((ns) => ({
    op: 'ovs.stop',
    ns,
    link: null,
    cause: 'down',
    directory: ovsDirectory(lab, ns),
    // A switch namespace that is removed takes its datapath with it. Linkloom's own namespace stays, so the datapath
    // there has to be removed.
    cleanup: ns === OWN_NS,
  }));
}

/**
 * Plans the removal of the lab's ports from the host's own Open vSwitch: of rows that carry its mark, and of those of its ports'
 * devices, which nothing would tell of once these are gone.
 */
export function planSystemRows(lab: string, system: OvsDump | undefined, dumps: readonly NsDump[]): readonly Op[] {
  if (system === undefined) return [];
  const { ns, directory } = system;
  const ours = new Set(portsAt(lab, ns, dumps).map(({ ifname }) => ifname));
  const ports = system.bridges.flatMap((bridge) => bridge.ports);
  return ports
    .filter((port) => port.ours || ours.has(port.dev))
    .map(({ dev }) => ({ op: 'ovs.del', ns, link: null, cause: 'down', directory, what: 'port', dev }));
}

/** Ports of the lab that are in no Linux bridge, and may be in an Open vSwitch that can't be asked. */
export function portsOutOfReach(lab: string, system: OvsDump | undefined, dumps: readonly NsDump[]): readonly string[] {
  if (system?.fault !== 'no-server') return [];
  const { ns } = system;
  const bridges = new Set(
    dumps
      .find((dump) => dump.ns === ns)
      ?.links.filter(isLinuxBridge)
      .map(({ ifindex }) => ifindex),
  );
  return portsAt(lab, ns, dumps).flatMap(({ ifname, master }) => (bridges.has(master) ? [] : [ifname]));
}

function portsAt(lab: string, ns: NsId, dumps: readonly NsDump[]): readonly LinkDump[] {
  const ownership = new Ownership(lab, dumps);
  const there = dumps.find((dump) => dump.ns === ns)?.links ?? [];
  return there.filter((link) => isPortGroup(link.group) && ownership.owns(ns, link));
}

/** Plans the removal of everything that carries the lab's marks in these dumps. */
export function planTeardown(lab: string, dumps: readonly NsDump[]): Teardown {
  const groups: Groups = {
    nodeEnd: groupOf(lab, ROLE.nodeEnd),
    port: groupOf(lab, ROLE.port),
    bridge: groupOf(lab, ROLE.bridge),
  };
  const ops: Op[] = [];
  const nodeNamespaces: NsId[] = [];
  const shared: NsId[] = [];
  const shards = dumps.filter((dump) => isShard(lab, dump));
  const hasShards = shards.length > 0;
  const ported = new Set(shards.flatMap(({ links }) => links.map(({ alias }) => bareMark(alias))));
  const ownership = new Ownership(lab, dumps);
  const hasMany = { bridges: manyBridges(shards), wires: manyWires(shards) };
  for (const dump of dumps) {
    const kind = kindOf(lab, dump, ownership);
    if (kind === 'shared') shared.push(dump.ns);
    if (kind === 'node') nodeNamespaces.push(dump.ns);
    if (kind === 'shard') ops.push(...beforeShard(dump, groups.bridge, ownership, hasMany));
    if (kind !== 'shard' && kind !== 'node') {
      // Routes go before devices. The devices show that the lab is here, so a `down` that was cut short can be run
      // again.
      ops.push(...leftRoutes(dump, ownership, 'down'));
      // Another lab that leaves a shared namespace counts the devices in it, so this lab's devices have to be gone by
      // then.
      ops.push(...deleteDevices(dump, groups, ownership, { hasShards: hasShards && kind === 'foreign', ported }));
      ops.push(...returnUplink(lab, dump), ...deleteRules(lab, dump));
    }
    if (kind !== 'foreign' && isNamed(dump.ns)) {
      const role = kind === 'shard' ? 'switch' : 'node';
      const isShared = kind === 'shared' || kind === 'guest';
      ops.push({ op: 'netns.del', ns: dump.ns, link: null, cause: 'down', lab, role, shared: isShared });
    }
  }
  return { ops, links: linksIn(lab, dumps, groups), nodeNamespaces, shared };
}

/** What is done in a switch namespace before it is removed. */
function beforeShard(
  dump: NsDump,
  group: number,
  ownership: Ownership,
  hasMany: { readonly bridges: boolean; readonly wires: boolean },
): readonly Op[] {
  const bridges = hasMany.bridges ? bridgesIn(dump, group, ownership) : [];
  return [
    ...silence(dump, group, ownership),
    ...(hasMany.wires ? cuts(dump, ownership) : []),
    ...bridges.map((link) => deletion(dump.ns, link)),
  ];
}

/** Ends of wires up to this number are left to the kernel. */
const FEW_ENDS = 64;

/**
 * Whether the wires of mode `patch` have to be cut before the namespaces go. For each device that goes, the kernel walks all
 * redirections of the machine (mirred_device_event), while nobody else can change a network device.
 */
function manyWires(shards: readonly NsDump[]): boolean {
  return shards.reduce((sum, { links }) => sum + links.filter(isLoosePort).length, 0) > FEW_ENDS;
}

function cuts({ ns, links }: NsDump, ownership: Ownership): readonly Op[] {
  return links
    .filter((link) => isLoosePort(link) && ownership.owns(ns, link))
    .map(({ ifname: dev, ifindex }) => ({ op: 'wire.cut', ns, link: null, cause: 'down', dev, ifindex, goes: true }));
}

/** A port that is in no bridge device may be the end of a wire of mode `patch`. */
function isLoosePort({ group, master }: LinkDump): boolean {
  return isPortGroup(group) && master === 0;
}

/** A bridge with no more ports than this is not set down first, since it passes few messages on. */
const FEW_PORTS = 2;

/**
 * Sets large bridges down before anything is removed. A node that goes sends a message for each multicast group that it
 * leaves. A bridge that is up sends each of these to all its ports, which makes the cost quadratic.
 */
function silence({ ns, links }: NsDump, group: number, ownership: Ownership): readonly Op[] {
  const ports = new Map<number, number>();
  for (const { master } of links) ports.set(master, (ports.get(master) ?? 0) + 1);
  const isLarge = links.some((link) => link.group === group && (ports.get(link.ifindex) ?? 0) > FEW_PORTS);
  const isAlone = links.every((link) => link.group !== group || ownership.owns(ns, link));
  return isLarge && isAlone ? [{ op: 'group.set', ns, link: null, cause: 'down', group, up: false }] : [];
}

/**
 * What `down` does with a namespace. `node`: it is removed whole. `shared`: the lab made it, but another lab has
 * devices in it. `guest`: another lab made it, and may remove it at the same time. `foreign`: linkloom did not make it,
 * and only this lab's devices in it are removed.
 */
function kindOf(lab: string, dump: NsDump, ownership: Ownership): 'shard' | 'node' | 'shared' | 'guest' | 'foreign' {
  if (isShard(lab, dump)) return 'shard';
  if (!isNamed(dump.ns)) return 'foreign';
  const tenancy = ownership.tenancyIn(dump);
  if (goesWith(lab, tenancy)) return 'node';
  if (tenancy.maker === lab && !tenancy.hasMakerLeft) return 'shared';
  return tenancy.maker !== null && tenancy.isIn ? 'guest' : 'foreign';
}

/**
 * Deletes the lab's devices in a namespace that stays. Node ends whose other end is in a switch namespace that is
 * removed are left to the kernel: deleting each by itself would cost an RCU grace period.
 */
function deleteDevices(
  dump: NsDump,
  groups: Groups,
  ownership: Ownership,
  { hasShards, ported }: { readonly hasShards: boolean; readonly ported: ReadonlySet<string> },
): Op[] {
  const ours = dump.links.filter((link) => ownership.owns(dump.ns, link));
  const ops: Op[] = [];
  for (const link of ours) {
    // A node end whose port is on the switch side has a mark of its own only while something of it is set by hand.
    const isPorted = link.alias === '' || ported.has(bareMark(link.alias));
    const goesByItself = hasShards && link.group === groups.nodeEnd && isPorted;
    if (!goesByItself) ops.push(deletion(dump.ns, link));
  }
  return ops;
}

function deleteRules(lab: string, { ns, translations }: NsDump): readonly Op[] {
  const comments = translations.map(({ comment }) => comment);
  return comments.length === 0 ? [] : [natSet(lab, ns, null, 'down', [], comments)];
}

function deletion(ns: NsId, link: LinkDump): Op {
  return {
    op: 'link.del',
    ns,
    link: null,
    cause: 'down',
    dev: link.ifname,
    ifindex: link.ifindex,
    seen: { group: link.group, alias: link.alias },
    isBridge: isLinuxBridge(link),
  };
}

function linksIn(lab: string, dumps: readonly NsDump[], groups: Groups): string[] {
  const links = new Set<string>();
  for (const { links: devices } of dumps) {
    for (const device of devices) {
      const mark = sameLab(device.group, groups.port) ? markOf(device.alias) : null;
      if (mark?.lab === lab && isOfLink(mark)) links.add(`${mark.node}:${mark.dev}`);
    }
  }
  return [...links];
}

/** Devices of the lab that still exist. The mark on `lo` of a namespace that processes keep alive does not count. */
export function remains(lab: string, dumps: readonly NsDump[]): readonly { readonly ns: NsId; readonly dev: string }[] {
  const ownership = new Ownership(lab, dumps);
  return dumps.flatMap((dump) =>
    dump.links.filter((link) => ownership.owns(dump.ns, link)).map((link) => ({ ns: dump.ns, dev: link.ifname })),
  );
}
