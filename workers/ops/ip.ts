import type { IpAdd, IpDel, IpRestore } from '../../src/wire/op.ts';
import { ERRNO } from '../netlink/errors.ts';
import { deleteAddress } from '../rtnl/address.ts';
import { recreateAddress, recreateRoute, removeAddress } from '../rtnl/others.ts';
import { deleteRoute, hasDevice } from '../rtnl/route.ts';
import { batch, type JobContext, type Placed } from './context.ts';
import { type Finishing, finish } from './finish.ts';
import { quickIndexOf } from './offload.ts';

/** Gone already, as the kernel says it of addresses, routes and (with a device that vanished) both. */
const GONE: ReadonlySet<number> = new Set([ERRNO.EADDRNOTAVAIL, ERRNO.ESRCH, ERRNO.ENODEV]);

/** Takes routes and addresses away, all in one batch. Others' come back in an `ip.restore`; no first address of a subnet goes before the rest of it. */
export function removeIp(context: JobContext, ops: readonly Placed<IpDel>[]): void {
  const indexOf = indexes(context);
  const parts: { readonly at: number; readonly call: string; readonly subject: string }[] = [];
  batch.reset();
  for (const { at, op } of ops) {
    for (const route of op.routes) {
      deleteRoute(batch, route, hasDevice(route) ? op.ifindex : 0);
      parts.push({ at, call: 'RTM_DELROUTE', subject: route.text });
    }
    for (const saved of op.otherAddresses) {
      if (removeAddress(batch, saved, indexOf)) parts.push({ at, call: 'RTM_DELADDR', subject: saved.prefix });
    }
    for (const address of op.addresses) {
      deleteAddress(batch, op.ifindex, address);
      parts.push({ at, call: 'RTM_DELADDR', subject: address });
    }
  }
  const failed = new Set<number>();
  for (const nack of context.space.socket.transact(batch)) {
    const part = parts[nack.index];
    if (part === undefined || GONE.has(nack.errno) || failed.has(part.at)) continue;
    failed.add(part.at);
    context.fail(part.at, part.call, part.subject, nack);
  }
}

/** Gives routes to devices that are there, all in one batch. */
export function addRoutes(context: JobContext, ops: readonly Placed<IpAdd>[]): void {
  const found = ops.flatMap(({ at, op }): Finishing[] => {
    const ifindex =
      op.ifindex || context.attempt(at, () => quickIndexOf(context.space.socket, op.dev) || context.indexOf(op.dev));
    if (!ifindex) return [];
    return [
      {
        ...{ at, dev: op.dev, ifindex, delRoutes: [], change: null, mode: null, addAddresses: [] },
        ...{ addRoutes: op.routes, mayExist: true },
      },
    ];
  });
  for (const { what, call, subject, errno, message } of finish(context, found)) {
    context.fail(what.at, call, subject, { errno, message });
  }
}

/** Puts back what can be: it is there already, or what it needs is no more, where the kernel refuses. Routes that need others come after those. */
export function restoreIp(context: JobContext, ops: readonly Placed<IpRestore>[]): void {
  const indexOf = indexes(context);
  batch.reset();
  for (const { op } of ops) for (const saved of op.addresses) recreateAddress(batch, saved, indexOf);
  if (batch.count > 0) context.space.socket.transact(batch);
  let left = ops.flatMap(({ op }) => op.routes);
  for (let before = Number.POSITIVE_INFINITY; left.length > 0 && left.length < before; ) {
    before = left.length;
    batch.reset();
    const sent = left.filter((saved) => recreateRoute(batch, saved, indexOf));
    if (sent.length === 0) return;
    left = context.space.socket
      .transact(batch)
      .flatMap(({ index, errno }) => (errno === ERRNO.EEXIST ? [] : (sent[index] ?? [])));
  }
}

/** Looks each device up once. */
function indexes(context: JobContext): (dev: string) => number {
  const known = new Map<string, number>();
  return (dev) => {
    let ifindex = known.get(dev);
    if (ifindex === undefined) {
      ifindex = dev === '' ? 0 : (context.find(dev)?.ifindex ?? 0);
      known.set(dev, ifindex);
    }
    return ifindex;
  };
}
