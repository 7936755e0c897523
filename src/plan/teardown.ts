/** What `down` does: everything of a lab, known by its marks alone. No configuration is asked. */

import { groupOf, isOfLink, markOf, ROLE, sameLab } from '../net/mark.ts';
import { isNamed, type NsId, OWN_NS } from '../net/ns-id.ts';
import { goesWith } from '../net/tenants.ts';
import type { Op } from '../wire/op.ts';
import type { LinkDump, NsDump } from '../wire/seen.ts';
import { natSet } from './extras/translations.ts';
import { returnUplink } from './extras/uplink.ts';
import { leftRoutes } from './ip/left.ts';
import { ovsDirectory } from './ovs/instance.ts';
import { isShard, Ownership } from './ownership.ts';

export interface Teardown {
  readonly ops: readonly Op[];
  /** `NODE:DEV` of every link whose mark was seen. */
  readonly links: readonly string[];
  /** Namespaces that go and may hold processes: to be named. */
  readonly nodeNamespaces: readonly NsId[];
  /** Namespaces of ours that stay since another lab has devices in them. */
  readonly shared: readonly NsId[];
}

type Groups = { readonly nodeEnd: number; readonly port: number; readonly bridge: number };

/**
 * Plan the end of the lab's Open vSwitches, by their namespaces. Before anything is looked for: a daemon keeps its namespace
 * alive, whatever became of the name, and the devices of its bridges are its own.
 */
export function planOvsStops(lab: string, instances: readonly NsId[]): readonly Op[] {
  return instances.map((ns) => ({
    op: 'ovs.stop',
    ns,
    link: null,
    cause: 'down',
    directory: ovsDirectory(lab, ns),
    // A switch namespace takes its datapath along; our own stays.
    cleanup: ns === OWN_NS,
  }));
}

/** Plan the removal of all that carries the lab's marks in these dumps. */
export function planTeardown(lab: string, dumps: readonly NsDump[]): Teardown {
  const groups: Groups = {
    nodeEnd: groupOf(lab, ROLE.nodeEnd),
    port: groupOf(lab, ROLE.port),
    bridge: groupOf(lab, ROLE.bridge),
  };
  const ops: Op[] = [];
  const nodeNamespaces: NsId[] = [];
  const shared: NsId[] = [];
  const hasShards = dumps.some((dump) => isShard(lab, dump));
  const ownership = new Ownership(lab, dumps);
  for (const dump of dumps) {
    const kind = kindOf(lab, dump, ownership);
    if (kind === 'shared') shared.push(dump.ns);
    if (kind === 'node') nodeNamespaces.push(dump.ns);
    if (kind === 'shard') ops.push(...silence(dump, groups.bridge, ownership));
    if (kind !== 'shard' && kind !== 'node') {
      // Before the devices, by which the lab is known to be here: a `down` that is cut short can be run again.
      ops.push(...leftRoutes(dump, ownership, 'down'));
      // Who comes after us counts the devices that are in a shared one: ours have to be gone by then.
      ops.push(...deleteDevices(dump, groups, ownership, hasShards && kind === 'foreign'));
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

/** A bridge of so many ports or fewer passes little on. */
const FEW_PORTS = 2;

/**
 * Large bridges are set down before anything goes: each node that goes takes leave of its multicast groups, and a bridge
 * that is up sends that to all its ports, which is quadratic.
 */
function silence({ ns, links }: NsDump, group: number, ownership: Ownership): readonly Op[] {
  const ports = new Map<number, number>();
  for (const { master } of links) ports.set(master, (ports.get(master) ?? 0) + 1);
  const isLarge = links.some((link) => link.group === group && (ports.get(link.ifindex) ?? 0) > FEW_PORTS);
  const isAlone = links.every((link) => link.group !== group || ownership.owns(ns, link));
  return isLarge && isAlone ? [{ op: 'group.set', ns, link: null, cause: 'down', group, up: false }] : [];
}

/**
 * `node`: goes as a whole. `shared`: of our making, but another lab has devices in it. `guest`: of another lab's making, which may
 * go at the same time as we do. `foreign`: not made by linkloom, only devices of ours in it go.
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
 * Devices in a namespace that stays. Node ends whose other end is in a switch namespace that goes
 * are left to the kernel: deleting each would cost an RCU grace period.
 */
function deleteDevices(dump: NsDump, groups: Groups, ownership: Ownership, hasShards: boolean): Op[] {
  const ours = dump.links.filter((link) => ownership.owns(dump.ns, link));
  const ops: Op[] = [];
  for (const link of ours) {
    const goesByItself = hasShards && link.group === groups.nodeEnd && link.alias === '';
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

/** Devices of the lab that are still there (the mark on `lo` of a namespace that processes hold does not count). */
export function remains(lab: string, dumps: readonly NsDump[]): readonly { readonly ns: NsId; readonly dev: string }[] {
  const ownership = new Ownership(lab, dumps);
  return dumps.flatMap((dump) =>
    dump.links.filter((link) => ownership.owns(dump.ns, link)).map((link) => ({ ns: dump.ns, dev: link.ifname })),
  );
}
