/**
 * What a device loses when it is set down by hand, or gets a small MTU, and what comes back with it. What the kernel takes at once is
 * parked until the device is raised again: the kernel refuses it meanwhile.
 */

import { followsParent } from '../../kinds/links/link-kinds.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { Link } from '../../topology/topology.ts';
import type { Route } from '../../topology/values.ts';
import type { Op } from '../../wire/op.ts';
import type { Saved } from '../../wire/ops/ip.ts';
import type { LinkSet } from '../../wire/ops/links.ts';
import type { LinkDump, OtherDump } from '../../wire/seen.ts';
import { linkLocalWith } from '../ip/link-local.ts';
import { savedOf } from '../ip/others.ts';
import { takenAlong } from '../ip/taken-along.ts';
import type { NsView } from '../ns-view.ts';
import { IPV6_MTU_MIN } from './overrides.ts';

/** An address or a route that waits for its devices. */
export interface Parked {
  readonly what: 'address' | 'route';
  readonly family: 4 | 6;
  readonly saved: Saved;
}

/** Routes that their daemons put back themselves when a link comes up: gated to babel, and FRR's protocols (linux/rtnetlink.h). */
const OF_DAEMONS: ReadonlySet<number> = new Set([8, 10, 11, 12, 13, 14, 15, 17, 42, 99, 186, 187, 188, 189, 192]);

/** The changes to devices of one namespace. */
export interface NsChange {
  readonly ns: NsId;
  readonly view: NsView;
  /** Messages to devices, which may set a state and an MTU. */
  readonly sets: readonly LinkSet[];
  /** What was parked there earlier. */
  readonly parked: readonly Parked[];
  /** Links of the configuration whose nodes are in this namespace. */
  readonly links: readonly Link[];
}

export interface Along {
  /** Ops that follow the messages to the devices. */
  readonly ops: readonly Op[];
  /** All that is parked in the namespace afterwards. */
  readonly parked: readonly Parked[];
  /** Its devices afterwards. */
  readonly devices: ReadonlyMap<number, LinkDump>;
}

/** Plans what goes and what comes back because of these changes. */
export function planAlong(change: NsChange): Along {
  const after = devicesAfter(change);
  const fits = (what: { readonly family: 4 | 6; readonly ifindexes: readonly number[] }, isRoute: boolean): boolean =>
    what.ifindexes.every((ifindex) => {
      const device = after.get(ifindex);
      if (device === undefined) return true;
      return (device.up || !isRoute) && (what.family === 4 || device.mtuBytes >= IPV6_MTU_MIN);
    });
  const back: Parked[] = [];
  const parked: Parked[] = [];
  for (const { other, isAltered } of lostBy(change)) {
    const { what, family, protocol } = other;
    const item = { what, family, saved: savedOf(change.view, other, isAltered) };
    if (fits(other, what === 'route')) back.push(item);
    else if (what === 'address' || !OF_DAEMONS.has(protocol)) parked.push(item);
  }
  for (const item of change.parked) {
    const there = presentIndexes(change.view, item.saved);
    if (there === null) continue;
    if (fits({ family: item.family, ifindexes: there }, item.what === 'route')) back.push(item);
    else parked.push(item);
  }
  return { ops: opsOf(change, after, back), parked: withoutTwins(parked), devices: after };
}

/** Each device as it is after the changes, vlans with their parents. */
function devicesAfter({ view, sets }: NsChange): ReadonlyMap<number, LinkDump> {
  const after = new Map(view.byIndex);
  for (const { ifindex, settings } of sets) {
    const device = typeof ifindex === 'number' ? after.get(ifindex) : undefined;
    if (device === undefined) continue;
    const up = settings.up ?? device.up;
    after.set(device.ifindex, { ...device, up, mtuBytes: settings.mtuBytes ?? device.mtuBytes });
    if (settings.up === null) continue;
    for (const vlan of view.dump.links) {
      if (followsParent(vlan) && vlan.peerNsid === -1 && vlan.peerIndex === device.ifindex)
        after.set(vlan.ifindex, { ...vlan, up });
    }
  }
  return after;
}

interface Lost {
  readonly other: OtherDump;
  readonly isAltered: boolean;
}

/** What the kernel takes from the devices that change, linkloom's own included. */
function lostBy({ view, sets }: NsChange): readonly Lost[] {
  const changes = sets.flatMap(({ ifindex, settings: { up, mtuBytes } }) =>
    typeof ifindex !== 'number' || (up !== false && mtuBytes === null)
      ? []
      : [{ ifindex, gone: false, up: up === false ? false : null, mtuBytes, addresses: [] }],
  );
  if (changes.length === 0) return [];
  const along = takenAlong(view, changes);
  return (view.others ?? []).flatMap((other) => {
    if (other.what === 'address')
      return along.address(other.ifindexes[0] ?? 0, other.prefix) ? [{ other, isAltered: false }] : [];
    const fate = along.route(other);
    return fate === 'stays' ? [] : [{ other, isAltered: fate === 'altered' }];
  });
}

/** The present indexes of what a parked thing needs. null: a device is gone, or another one has its name. */
function presentIndexes(view: NsView, { devices }: Saved): readonly number[] | null {
  const found = devices.map(({ ifindex, dev }) => (view.byIndex.get(ifindex)?.ifname === dev ? ifindex : null));
  return found.some((ifindex) => ifindex === null) ? null : (found as readonly number[]);
}

function withoutTwins(parked: readonly Parked[]): readonly Parked[] {
  return [...new Map(parked.map((item) => [`${item.what} ${item.saved.payload}`, item])).values()];
}

/** What comes back once the devices are changed: addresses first, then routes. */
function opsOf(change: NsChange, after: ReadonlyMap<number, LinkDump>, back: readonly Parked[]): readonly Op[] {
  const { ns } = change;
  const cause = 'the change takes it along';
  const restored = (what: Parked['what']): readonly Saved[] =>
    back.filter((item) => item.what === what).map(({ saved }) => saved);
  const [others, routes] = [restored('address'), restored('route')];
  return [
    ...lackingAddresses(change, after),
    ...linkLocals(change),
    ...(others.length === 0
      ? []
      : [{ op: 'ip.restore', ns, link: null, cause, addresses: others, routes: [] } as const]),
    ...configuredRoutes(change, after),
    ...(routes.length === 0 ? [] : [{ op: 'ip.restore', ns, link: null, cause, addresses: [], routes } as const]),
  ];
}

/** Configured addresses that a device lacks which gets IPv6 back. */
function lackingAddresses(
  { ns, view, sets, links }: NsChange,
  after: ReadonlyMap<number, LinkDump>,
): readonly LinkSet[] {
  const changed = new Set(sets.map(({ ifindex }) => ifindex));
  return links.flatMap((link) => {
    const device = after.get(view.byName.get(link.dev)?.ifindex ?? 0);
    if (device === undefined || !changed.has(device.ifindex) || device.mtuBytes < IPV6_MTU_MIN) return [];
    const there = new Set(view.addressesOf(device.ifindex).map(({ address }) => address));
    const addAddresses = link.addresses.filter((address) => address.includes(':') && !there.has(address));
    if (addAddresses.length === 0) return [];
    return [addition(ns, link, device.ifindex, { addAddresses })];
  });
}

/** The link-local addresses of devices that are raised, which the kernel has begun to make. */
function linkLocals({ ns, view, sets, links }: NsChange): readonly LinkSet[] {
  const raised = new Set(sets.filter(({ settings }) => settings.up === true).map(({ ifindex }) => ifindex));
  return links.flatMap((link) => {
    const ifindex = view.byName.get(link.dev)?.ifindex;
    const { linkLocal } = linkLocalWith(link.addresses, link, true);
    if (ifindex === undefined || linkLocal === undefined || !raised.has(ifindex)) return [];
    return [addition(ns, link, ifindex, { addAddresses: [], linkLocal })];
  });
}

function addition(ns: NsId, link: Link, ifindex: number, added: Pick<LinkSet, 'addAddresses' | 'linkLocal'>): LinkSet {
  const place = { op: 'link.set', ns, link: link.id, cause: 'address missing', dev: link.dev, ifindex } as const;
  return { ...place, settings: NOTHING, ...added, addRoutes: [], data: null };
}

const NOTHING: LinkSet['settings'] = {
  ...{ mac: null, mtuBytes: null, up: null, alias: null, group: null, numbers: {}, txChecksumOff: false },
};

/** The configured routes through devices that are raised, or that get IPv6 back. */
function configuredRoutes({ ns, view, sets, links }: NsChange, after: ReadonlyMap<number, LinkDump>): readonly Op[] {
  const raised = new Set<string>();
  for (const { ifindex, settings } of sets) {
    const grows = settings.mtuBytes !== null && settings.mtuBytes >= IPV6_MTU_MIN;
    if (settings.up !== true && !grows) continue;
    for (const device of after.values())
      if (device.up && (device.ifindex === ifindex || device.peerIndex === ifindex)) raised.add(device.ifname);
  }
  if (raised.size === 0) return [];
  const isAwake = (dev: string, family: 4 | 6): boolean => {
    const device = after.get(view.byName.get(dev)?.ifindex ?? 0);
    return device?.up === true && (family === 4 || device.mtuBytes >= IPV6_MTU_MIN);
  };
  return links.flatMap((link) => {
    const device = view.byName.get(link.dev);
    const routes = link.spec.routes.filter((route) => {
      const dev = route.dev ?? link.dev;
      return (raised.has(dev) || raised.has(link.dev)) && isAwake(link.dev, route.family) && isAwake(dev, route.family);
    });
    if (device === undefined || routes.length === 0) return [];
    return [ipAdd(ns, link, device, routes)];
  });
}

function ipAdd(ns: NsId, link: Link, { ifindex }: LinkDump, routes: readonly Route[]): Op {
  return { op: 'ip.add', ns, link: link.id, cause: 'its device is raised', dev: link.dev, ifindex, routes };
}
