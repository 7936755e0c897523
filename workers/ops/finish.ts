import type { LinkSet } from '../../src/plan/op.ts';
import type { Route } from '../../src/topology/topology.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { createAddress, deleteAddress } from '../rtnl/address.ts';
import { changeLink, changeMode, type LinkChange } from '../rtnl/link.ts';
import { createRoute, deleteRoute, hasDevice } from '../rtnl/route.ts';
import { enableIpv6 } from '../sysctl.ts';
import { batch, type JobContext } from './context.ts';

/** What a device that exists is still to be given, or relieved of. Carried out in the order of the fields. */
export interface Finishing {
  readonly at: number;
  readonly dev: string;
  readonly ifindex: number;
  readonly delRoutes: readonly Route[];
  readonly delAddresses: readonly string[];
  readonly change: LinkChange | null;
  readonly mode: LinkSet['mode'];
  readonly addAddresses: readonly string[];
  readonly addRoutes: readonly Route[];
  /** What is to be added and is there already is no failure. */
  readonly mayExist: boolean;
}

/** The first thing that went wrong with one device. */
export interface Refusal {
  readonly what: Finishing;
  readonly call: string;
  readonly subject: string;
  readonly errno: number;
  readonly message: string;
}

/** What each message of the batch is. */
interface Part {
  readonly what: Finishing;
  readonly call: string;
  readonly subject: string;
}

/** Gone already, as the kernel says it of addresses, routes and (with a device that vanished) both. */
const GONE: ReadonlySet<number> = new Set([ERRNO.EADDRNOTAVAIL, ERRNO.ESRCH, ERRNO.ENODEV]);

/**
 * Gives devices their settings, addresses and routes in one batch, all of them by index. Where a node has IPv6 off and an
 * IPv6 address is asked for, IPv6 is allowed on that one device. Returns the first refusal of each device that had one.
 */
export function finish(context: JobContext, devices: readonly Finishing[]): Refusal[] {
  const unresolved: Refusal[] = [];
  const parts: Part[] = [];
  const ready = devices.flatMap((what) => {
    try {
      return [{ what, oifs: outputDevices(context, what) }];
    } catch (error) {
      if (!(error instanceof SystemFault)) throw error;
      unresolved.push({ what, call: error.call, subject: error.subject, errno: error.errno, message: error.detail });
      return [];
    }
  });
  batch.reset();
  for (const { what, oifs } of ready) write(what, oifs, parts);
  return [...unresolved, ...send(context, parts)];
}

function send(context: JobContext, parts: readonly Part[]): Refusal[] {
  const first = new Map<Finishing, Refusal>();
  for (const { index, errno, message } of context.space.socket.transact(batch)) {
    const part = parts[index];
    if (!part || first.has(part.what) || isTolerated(part, errno)) continue;
    first.set(part.what, { ...part, errno, message });
  }
  return [...first.values()].flatMap((refusal) => afterIpv6Refusal(context, refusal));
}

function isTolerated({ call, what }: Part, errno: number): boolean {
  if (call === 'RTM_DELADDR' || call === 'RTM_DELROUTE') return GONE.has(errno);
  return what.mayExist && errno === ERRNO.EEXIST && call !== 'RTM_NEWLINK';
}

/** EACCES for an IPv6 address means that IPv6 is off on the device (addrconf_add_dev): allow it there, and do the parts that come after again. */
function afterIpv6Refusal(context: JobContext, refusal: Refusal): Refusal[] {
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
  return retry(context, { ...what, change: null, mayExist: true });
}

function retry(context: JobContext, what: Finishing): Refusal[] {
  const parts: Part[] = [];
  const oifs = outputDevices(context, what);
  batch.reset();
  write(what, oifs, parts);
  for (const { index, errno, message } of context.space.socket.transact(batch)) {
    const part = parts[index];
    if (part && !isTolerated(part, errno)) return [{ ...part, errno, message }];
  }
  return [];
}

const NONE: ReadonlyMap<Route, number> = new Map();

/** Indexes of the devices that routes name, asked for before anything is written. Throws SystemFault. */
function outputDevices(context: JobContext, what: Finishing): ReadonlyMap<Route, number> {
  if (what.delRoutes.length + what.addRoutes.length === 0) return NONE;
  const oifs = new Map<Route, number>();
  for (const route of [...what.delRoutes, ...what.addRoutes]) {
    const isOther = route.dev !== null && route.dev !== what.dev;
    oifs.set(route, !hasDevice(route) ? 0 : isOther ? context.indexOf(route.dev) : what.ifindex);
  }
  return oifs;
}

function write(what: Finishing, oifs: ReadonlyMap<Route, number>, parts: Part[]): void {
  const { ifindex } = what;
  for (const route of what.delRoutes) {
    deleteRoute(batch, route, oifs.get(route) ?? 0);
    parts.push({ what, call: 'RTM_DELROUTE', subject: route.text });
  }
  for (const address of what.delAddresses) {
    deleteAddress(batch, ifindex, address);
    parts.push({ what, call: 'RTM_DELADDR', subject: address });
  }
  if (what.change) {
    changeLink(batch, { ifindex }, what.change);
    parts.push({ what, call: 'RTM_NEWLINK', subject: what.dev });
  }
  if (what.mode) {
    changeMode(batch, ifindex, what.mode.type, what.mode.name);
    parts.push({ what, call: 'RTM_NEWLINK', subject: `${what.dev}: mode ${what.mode.name}` });
  }
  for (const address of what.addAddresses) {
    createAddress(batch, ifindex, address);
    parts.push({ what, call: 'RTM_NEWADDR', subject: address });
  }
  for (const route of what.addRoutes) {
    createRoute(batch, route, oifs.get(route) ?? 0);
    parts.push({ what, call: 'RTM_NEWROUTE', subject: route.text });
  }
}
