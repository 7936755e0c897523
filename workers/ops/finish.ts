import { linkKind } from '../../src/kinds/links/link-kinds.ts';
import type { Route } from '../../src/topology/values.ts';
import type { LinkLocal, LinkSet } from '../../src/wire/ops/links.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { sendEach } from '../netlink/send-each.ts';
import { createAddress, createLinkLocal, deleteAddress } from '../rtnl/address.ts';
import { changeData, changeLink, type LinkChange } from '../rtnl/link.ts';
import { createRoute, deleteRoute, hasDevice } from '../rtnl/route.ts';
import { enableIpv6 } from '../sysctl.ts';
import type { JobContext } from './context.ts';
import { isThereAlready } from './there.ts';

/**
 * What is removed from an existing device and what is added to it, in the order of these fields. Each step is done for all
 * devices before the next.
 */
export interface Finishing {
  readonly at: number;
  readonly dev: string;
  readonly ifindex: number;
  readonly delRoutes: readonly Route[];
  readonly change: LinkChange | null;
  readonly data: LinkSet['data'];
  readonly addAddresses: readonly string[];
  readonly linkLocal: LinkLocal | null;
  readonly addRoutes: readonly Route[];
  /** Whether an address or route to add may exist already. It must be linkloom's, and the same. */
  readonly mayExist: boolean;
}

/** The first refusal that concerns one device. */
export interface Refusal {
  readonly what: Finishing;
  readonly call: string;
  readonly subject: string;
  readonly errno: number;
  readonly message: string;
}

/** One message. */
interface Part {
  readonly what: Finishing;
  readonly call: string;
  readonly subject: string;
  readonly write: (batch: MessageBatch) => void;
  /** For RTM_NEWROUTE: the route, and the index of its output device. */
  readonly route: Route | null;
  readonly oif: number | null;
}

/** The index of each route's output device; null: the route has none. */
type OutputDevices = ReadonlyMap<Route, number | null>;

/** A device, and the output devices of its routes. */
interface Ready {
  readonly what: Finishing;
  readonly oifs: OutputDevices;
}

/** The kernel's errors if a route or its output device is gone already. */
const GONE: ReadonlySet<number> = new Set([ERRNO.ESRCH, ERRNO.ENODEV]);

/** The kernel's errors if a route's gateway or source address does not exist yet: fib_check_nh, ip6_route_check_nh, fib_valid_prefsrc. */
const UNREACHABLE: ReadonlySet<number> = new Set([ERRNO.ENETUNREACH, ERRNO.EHOSTUNREACH, ERRNO.EINVAL]);

/**
 * Sets the settings, addresses and routes of devices in one batch; all devices are named by index. A route that needs another
 * one is sent again after that. If a node has IPv6 switched off and a device asks for an IPv6 address, IPv6 is switched on for
 * that device only. Returns the first refusal of each device that had one.
 */
export function finish(context: JobContext, devices: readonly Finishing[]): Refusal[] {
  const unresolved: Refusal[] = [];
  const ready = devices.flatMap((what): Ready[] => {
    try {
      return [{ what, oifs: outputDevices(context, what) }];
    } catch (error) {
      if (!(error instanceof SystemFault)) throw error;
      unresolved.push({ what, call: error.call, subject: error.subject, errno: error.errno, message: error.detail });
      return [];
    }
  });
  const refused = firstOfEach(send(context, ready));
  return [...unresolved, ...refused.flatMap((refusal) => afterIpv6Refusal(context, refusal))];
}

interface RefusedFinish extends Refusal {
  readonly part: Part;
}

function send(context: JobContext, ready: readonly Ready[]): RefusedFinish[] {
  const refused = exchange(context, partsOf(ready));
  return refused.length === 0 ? refused : afterOthers(context, refused);
}

function exchange(context: JobContext, parts: readonly Part[]): RefusedFinish[] {
  return sendEach(context.space.socket, parts, (batch, { write }) => write(batch)).flatMap(({ item: part, nack }) => {
    const { errno, message } = nack;
    if (isTolerated(context, part, errno)) return [];
    const { what, call, subject } = part;
    return [{ part, what, call, subject, errno, message }];
  });
}

/** Sends refused routes again that may need others, until none of them gets any further. */
function afterOthers(context: JobContext, refused: readonly RefusedFinish[]): RefusedFinish[] {
  let left = [...refused];
  for (;;) {
    const again = left.filter(({ part, errno }) => part.route !== null && UNREACHABLE.has(errno));
    if (again.length === 0) return left;
    const still = exchange(
      context,
      again.map(({ part }) => part),
    );
    left = [...left.filter((one) => !again.includes(one)), ...still];
    if (still.length === again.length) return left;
  }
}

function firstOfEach(refused: readonly RefusedFinish[]): RefusedFinish[] {
  const first = new Map<Finishing, RefusedFinish>();
  for (const refusal of refused) if (!first.has(refusal.what)) first.set(refusal.what, refusal);
  return [...first.values()];
}

function isTolerated(context: JobContext, { call, what, subject, route, oif }: Part, errno: number): boolean {
  // The kernel makes it, or has made it.
  if (subject === what.linkLocal?.prefix) return true;
  if (call === 'RTM_DELROUTE') return GONE.has(errno);
  if (!what.mayExist || errno !== ERRNO.EEXIST) return false;
  if (call === 'RTM_NEWROUTE') return route !== null && isThereAlready(context, { route, ifindex: oif });
  return call === 'RTM_NEWADDR' && isThereAlready(context, { address: subject, ifindex: what.ifindex });
}

/**
 * Switches IPv6 on for the device, and sends the addresses and routes again, if the refusal is EACCES for an IPv6 address:
 * IPv6 is off there (addrconf_add_dev).
 */
function afterIpv6Refusal(context: JobContext, refusal: RefusedFinish): Refusal[] {
  const { what, call, subject, errno } = refusal;
  if (call !== 'RTM_NEWADDR' || errno !== ERRNO.EACCES || !subject.includes(':')) return [refusal];
  try {
    enableIpv6(context.space, what.dev);
  } catch (error) {
    if (!(error instanceof SystemFault)) throw error;
    return [
      { ...refusal, message: `IPv6 is off in the node, and allowing it on ${what.dev} failed: ${error.message}` },
    ];
  }
  const again = { ...what, delRoutes: [], change: null, mode: null, mayExist: true };
  return firstOfEach(send(context, [{ what: again, oifs: outputDevices(context, again) }])).map((left) => ({
    ...left,
    what,
  }));
}

const NONE: OutputDevices = new Map();

/** Finds the indexes of the devices that routes name, before any message is written. Throws SystemFault. */
function outputDevices(context: JobContext, what: Finishing): OutputDevices {
  if (what.delRoutes.length + what.addRoutes.length === 0) return NONE;
  const oifs = new Map<Route, number | null>();
  for (const route of [...what.delRoutes, ...what.addRoutes]) {
    const isOther = route.dev !== null && route.dev !== what.dev;
    oifs.set(route, !hasDevice(route) ? null : isOther ? context.indexOf(route.dev) : what.ifindex);
  }
  return oifs;
}

const NO_ROUTE = { route: null, oif: null } as const;

/** The messages, ordered by kind over all devices: a route can need an address of another device. */
function partsOf(ready: readonly Ready[]): Part[] {
  const parts: Part[] = [];
  for (const { what, oifs } of ready) {
    for (const route of what.delRoutes) {
      const write = (batch: MessageBatch): void => deleteRoute(batch, route, oifs.get(route) ?? null);
      parts.push({ what, call: 'RTM_DELROUTE', subject: route.text, write, ...NO_ROUTE });
    }
  }
  for (const { what } of ready) addDeviceParts(what, parts);
  for (const { what, oifs } of ready) {
    for (const route of what.addRoutes) {
      const oif = oifs.get(route) ?? null;
      const write = (batch: MessageBatch): void => createRoute(batch, route, oif);
      parts.push({ what, call: 'RTM_NEWROUTE', subject: route.text, write, route, oif });
    }
  }
  return parts;
}

function addDeviceParts(what: Finishing, parts: Part[]): void {
  const { dev, ifindex, change, data, linkLocal } = what;
  const add = (call: string, subject: string, write: Part['write']): void => {
    parts.push({ what, call, subject, write, ...NO_ROUTE });
  };
  if (linkLocal?.isBegun)
    add('RTM_DELADDR', linkLocal.prefix, (batch) => deleteAddress(batch, ifindex, linkLocal.prefix));
  if (linkLocal) add('RTM_NEWADDR', linkLocal.prefix, (batch) => createLinkLocal(batch, ifindex, linkLocal.prefix));
  if (change) add('RTM_NEWLINK', dev, (batch) => changeLink(batch, { ifindex }, change));
  if (data) {
    const words = linkKind(data.type).words(data).join(' ');
    add('RTM_NEWLINK', `${dev}: ${words}`, (batch) => changeData(batch, ifindex, data));
  }
  for (const address of what.addAddresses) {
    add('RTM_NEWADDR', address, (batch) => createAddress(batch, ifindex, address));
  }
}
