/**
 * `parents/` is about devices that other devices depend on: the parents of vlan, macvlan and ipvlan, and the underlay
 * of tunnels. A child device is planned and made after its parent, and made anew with it.
 *
 * This file: whether a link's parent can carry it, decided before the kernel is touched.
 */

import type { ErrorCode } from '../../errors.ts';
import { linkKind, parentOf, vlanIdOf } from '../../kinds/links/link-kinds.ts';
import { sameLab } from '../../net/mark.ts';
import { placedParent } from '../../topology/links.ts';
import type { Link } from '../../topology/topology.ts';
import type { LinkDump } from '../../wire/seen.ts';
import { type Context, isKept } from '../context.ts';
import type { NsView } from '../ns-view.ts';
import type { PlannedLink } from '../plan.ts';

/** What is known of a link's parent before the kernel is touched. */
export type Footing =
  /** The link needs no parent, or nothing was observed (`plan --offline`). */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'there';
      readonly device: LinkDump;
      readonly name: (ifindex: number) => string;
      /** The plan sets the parent up, and the kernel sets up the vlans of a parent with it. */
      readonly isRaised: boolean;
    }
  /** The plan makes the parent, so a child device of an earlier parent is gone. */
  | { readonly kind: 'made' }
  /** The parent is a direct link whose other end does not exist, or it waits for a parent itself. */
  | { readonly kind: 'waits' }
  | { readonly kind: 'unfit'; readonly code: ErrorCode; readonly message: string; readonly hint: string };

/** The link of the same node that makes the parent, and the verdict on it. */
export interface Below {
  readonly link: Link;
  readonly planned: PlannedLink | undefined;
}

/** The most devices that a hint names. */
const NAMES_MAX = 8;

/** Judges a link's parent. `below`: the link that makes the parent. null: linkloom does not make the parent. */
export function footingOf(context: Context, link: Link, below: Below | null): Footing {
  const parent = placedParent(link);
  if (parent === null) return { kind: 'none' };
  const view = context.observed.namespaces.get(parent.ns);
  const device = view?.byName.get(parent.dev);
  if (below !== null) {
    const stays = device && isKept(context, { ns: parent.ns, link: device });
    return onLink(context, link, below, stays ? device : undefined);
  }
  if (view === undefined && parent.ns !== link.node.ns) return { kind: 'none' };
  if (view === undefined || device === undefined || isLeaving(context, link, device)) return missing(link, view);
  return (
    tooSmall(link, device.mtuBytes) ??
    asleep(link, device.up, `raise it first: ip link set ${parent.dev} up`) ??
    taken(context, link, device, view) ??
    there(device, view, false)
  );
}

/** Whether a device of the lab in the node is made by no link any more, so that it will be removed. */
function isLeaving(context: Context, link: Link, device: LinkDump): boolean {
  return placedParent(link)?.ns === link.node.ns && context.ownership.owns(link.node.ns, device);
}

function onLink(context: Context, link: Link, below: Below, device: LinkDump | undefined): Footing {
  const { spec, id } = below.link;
  const verdict = below.planned?.verdict ?? 'blocked';
  if (verdict === 'blocked') {
    return unfit(`its parent ${id} can't be made`, `first see to ${id}`);
  }
  const isNew = verdict === 'create' || verdict === 'recreate';
  if (!isNew && device === undefined) return { kind: 'waits' };
  const fault =
    tooSmall(link, spec.mtuBytes ?? device?.mtuBytes ?? Number.POSITIVE_INFINITY) ??
    asleep(link, spec.state === 'up', `give ${id} the state up, or this link the state down`);
  if (fault !== null) return fault;
  const view = context.observed.namespaces.get(link.node.ns);
  if (isNew || device === undefined || view === undefined) return { kind: 'made' };
  const staysDown = context.overrides.of(below.link, device).state;
  return there(device, view, !device.up && !staysDown && spec.state === 'up');
}

function there(device: LinkDump, view: NsView, isRaised: boolean): Footing {
  const name = (ifindex: number): string => view.byIndex.get(ifindex)?.ifname ?? 'a device that is gone';
  return { kind: 'there', device, name, isRaised };
}

function missing(link: Link, view: NsView | undefined): Footing {
  const where = placeOf(link);
  const names = [...(view?.byName.keys() ?? [])].filter((name) => name !== 'lo');
  const known = names.length === 0 ? '' : `; there are ${names.slice(0, NAMES_MAX).join(', ')}`;
  const advice =
    parentOf(link.spec)?.base === 'host'
      ? 'outer-dev names a device of the host (inside a container that needs `pid: host`), or with `base: local` one of the node'
      : 'with `base: local` outer-dev names a device of the node';
  return unfit(`its parent ${placedParent(link)?.dev} does not exist ${where}`, `${advice}${known}`);
}

/**
 * Refuses an MTU above the parent's. The kernel refuses it for vlan and macvlan; with ipvlan the parent would drop
 * packets that are too large.
 */
function tooSmall(link: Link, parentMtuBytes: number): Footing | null {
  const { mtuBytes } = link.spec;
  if (mtuBytes === null || mtuBytes <= parentMtuBytes) return null;
  const dev = placedParent(link)?.dev;
  return unfit(
    `its mtu ${mtuBytes} is more than the ${parentMtuBytes} of its parent ${dev}`,
    `lower the link's mtu to ${parentMtuBytes} or leave it out, or raise that of ${dev} first`,
  );
}

/**
 * Refuses a vlan that is to be up on a parent that is down (ENETDOWN from vlan_dev_open). Other child devices come up
 * on such a parent.
 */
function asleep(link: Link, isUp: boolean, hint: string): Footing | null {
  const { type, state } = link.spec;
  if (isUp || !linkKind(type).followsParent || state === 'down') return null;
  return unfit(`its parent ${placedParent(link)?.dev} is down, and a ${type} comes up only on one that is up`, hint);
}

/**
 * Refuses a VLAN id that another child device of the parent has, in whichever namespace. Only the kernel knows of vlans
 * that were moved to namespaces that were not observed.
 */
function taken(context: Context, link: Link, parent: LinkDump, view: NsView): Footing | null {
  const vlanId = vlanIdOf(link.spec);
  if (vlanId === null) return null;
  const holder = vlansOn(view, parent.ifindex, vlanId).find(
    (other) => !sameLab(other.group, context.groups.other) || context.ownership.isOthers(other),
  );
  if (holder === undefined) return null;
  const message = `VLAN ${vlanId} of ${parent.ifname} is ${holder.ifname} ${placeOf(link)}, which this lab did not make`;
  return { kind: 'unfit', code: 'E_FOREIGN_DEVICE', message, hint: 'use another vlanid, or remove that device' };
}

/** The vlans of each namespace whose parents are in the same namespace, by `parent id`. */
const vlansOf = new WeakMap<NsView, Map<string, LinkDump[]>>();

function vlansOn(view: NsView, parent: number, vlanId: number): readonly LinkDump[] {
  let vlans = vlansOf.get(view);
  if (vlans === undefined) {
    vlans = new Map();
    vlansOf.set(view, vlans);
    for (const link of view.dump.links) {
      if (link.vlanId === null || link.peerNsid !== -1) continue;
      const key = `${link.peerIndex} ${link.vlanId}`;
      const holders = vlans.get(key);
      if (holders) holders.push(link);
      else vlans.set(key, [link]);
    }
  }
  return vlans.get(`${parent} ${vlanId}`) ?? [];
}

function placeOf(link: Link): string {
  return placedParent(link)?.ns === link.node.ns ? `in ${link.node.name}` : "in the host's namespace";
}

function unfit(message: string, hint: string): Footing {
  return { kind: 'unfit', code: 'E_PARENT', message, hint };
}
