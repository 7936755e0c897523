import type { IpAdd, IpDel, IpRestore } from '../../src/wire/ops/ip.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { sendEach } from '../netlink/send-each.ts';
import { deleteAddress } from '../rtnl/address.ts';
import { type IndexOf, recreateAddress, recreateRoute, removeAddress } from '../rtnl/others.ts';
import { deleteRoute, hasDevice } from '../rtnl/route.ts';
import type { JobContext, Placed } from './context.ts';
import { type Finishing, finish } from './finish.ts';

/** The kernel's errors if an address, a route or the device of either is gone already. */
const GONE: ReadonlySet<number> = new Set([ERRNO.EADDRNOTAVAIL, ERRNO.ESRCH, ERRNO.ENODEV]);

/**
 * Removes routes and addresses in one batch. An `ip.restore` adds addresses of others again that the kernel removed along. The
 * plan puts the first address of a subnet last.
 */
export function removeIp(context: JobContext, ops: readonly Placed<IpDel>[]): void {
  const indexOf = indexes(context);
  const removals = ops.flatMap((placed) => removalsOf(placed, indexOf));
  const failed = new Set<number>();
  for (const { item, nack } of sendEach(context.space.socket, removals, (batch, { write }) => write(batch))) {
    if (GONE.has(nack.errno) || failed.has(item.at)) continue;
    failed.add(item.at);
    context.fail(item.at, item.call, item.subject, nack);
  }
}

/** What one message removes. */
interface Removal {
  readonly at: number;
  readonly call: 'RTM_DELROUTE' | 'RTM_DELADDR';
  readonly subject: string;
  readonly write: (batch: MessageBatch) => void;
}

function removalsOf({ at, op }: Placed<IpDel>, indexOf: IndexOf): Removal[] {
  return [
    ...op.routes.map((route): Removal => {
      const oif = hasDevice(route) ? op.ifindex : null;
      return { at, call: 'RTM_DELROUTE', subject: route.text, write: (batch) => deleteRoute(batch, route, oif) };
    }),
    ...op.otherAddresses.map((saved): Removal => {
      return { at, call: 'RTM_DELADDR', subject: saved.prefix, write: (batch) => removeAddress(batch, saved, indexOf) };
    }),
    ...(op.ifindex === null ? [] : addressRemovals(at, op.ifindex, op.addresses)),
  ];
}

function addressRemovals(at: number, ifindex: number, addresses: readonly string[]): readonly Removal[] {
  return addresses.map((prefix) => {
    const write = (batch: MessageBatch): void => deleteAddress(batch, ifindex, prefix);
    return { at, call: 'RTM_DELADDR', subject: prefix, write };
  });
}

/** Adds routes to existing devices in one batch. */
export function addRoutes(context: JobContext, ops: readonly Placed<IpAdd>[]): void {
  const found = ops.flatMap(({ at, op }): Finishing[] => {
    const ifindex = context.resolve(at, op);
    if (ifindex === null) return [];
    return [
      {
        ...{ at, dev: op.dev, ifindex, delRoutes: [], change: null, data: null, addAddresses: [], linkLocal: null },
        ...{ addRoutes: op.routes, mayExist: true },
      },
    ];
  });
  for (const { what, call, subject, errno, message } of finish(context, found)) {
    context.fail(what.at, call, subject, { errno, message });
  }
}

/**
 * Restores addresses and routes of others that the plan's operations removed along with linkloom's. The kernel refuses those
 * that exist already and those that need something that is gone; neither is a failure. A route can need another one, so
 * refused routes are sent again until none of them gets any further.
 */
export function restoreIp(context: JobContext, ops: readonly Placed<IpRestore>[]): void {
  const indexOf = indexes(context);
  const { socket } = context.space;
  const addresses = ops.flatMap(({ op }) => op.addresses);
  sendEach(socket, addresses, (batch, saved) => recreateAddress(batch, saved, indexOf));
  let left = ops.flatMap(({ op }) => op.routes);
  for (let before = Number.POSITIVE_INFINITY; left.length > 0 && left.length < before; ) {
    before = left.length;
    left = sendEach(socket, left, (batch, saved) => recreateRoute(batch, saved, indexOf))
      .filter(({ nack }) => nack.errno !== ERRNO.EEXIST)
      .map(({ item }) => item);
  }
}

/** Looks each device up once. */
function indexes(context: JobContext): IndexOf {
  const known = new Map<string, number | null>();
  return (dev) => {
    let ifindex = known.get(dev);
    if (ifindex === undefined) {
      ifindex = context.find(dev)?.ifindex ?? null;
      known.set(dev, ifindex);
    }
    return ifindex;
  };
}
