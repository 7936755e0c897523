import { PROTOCOL } from '../../src/net/mark.ts';
import { routeDumpKey, routeKey } from '../../src/net/route-key.ts';
import type { Route } from '../../src/topology/values.ts';
import { dumpAddresses, dumpRoutes } from '../rtnl/dump.ts';
import type { JobContext } from './context.ts';

/** An address or a route that the kernel refused with EEXIST, and its device. */
export type Asked =
  | { readonly route: Route; readonly ifindex: number | null }
  | { readonly address: string; readonly ifindex: number };

/**
 * Whether the object that exists is the one that was asked for. EEXIST says only that a similar one exists. An address must have
 * the same prefix on the same device. A route must be linkloom's and agree in everything that a configuration can say. Throws
 * SystemFault.
 */
export function isThereAlready({ space }: JobContext, asked: Asked): boolean {
  if ('address' in asked) {
    return dumpAddresses(space.socket).some(
      ({ ifindex, address }) => ifindex === asked.ifindex && address === asked.address,
    );
  }
  const wanted = routeKey({ ...asked.route, dev: null }, String(asked.ifindex));
  return dumpRoutes(space.socket).some(
    (found) => found.protocol === PROTOCOL && routeDumpKey(found, String(found.ifindex)) === wanted,
  );
}
