import { PROTOCOL } from '../../src/net/mark.ts';
import { routeDumpKey, routeKey } from '../../src/net/route-key.ts';
import type { Route } from '../../src/topology/topology.ts';
import { dumpAddresses, dumpRoutes } from '../rtnl/dump.ts';
import type { JobContext } from './context.ts';

/** What the kernel refused with EEXIST, and the device that it was for. */
export type Asked =
  | { readonly route: Route; readonly ifindex: number | null }
  | { readonly address: string; readonly ifindex: number };

/**
 * Whether what is there is what was asked for: of an address the prefix on that device, of a route all that a configuration
 * can say, and that it is linkloom's. EEXIST says only that something of the kind is there. Throws SystemFault.
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
