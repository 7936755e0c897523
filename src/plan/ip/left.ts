/**
 * Removal of routes that stay when the lab's devices go: routes that lead nowhere (`blackhole`, `unreachable`,
 * `prohibit`), and routes through foreign devices.
 */

import { grouped } from '../../grouped.ts';
import { isOurGroup, PROTOCOL } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { IpDel } from '../../wire/ops/ip.ts';
import type { LinkDump, NsDump, RouteDump } from '../../wire/seen.ts';
import type { Ownership } from '../ownership.ts';
import { routeOfDump } from './route-of-dump.ts';

/** A route to remove, and the name of its device. null: the route has no device. */
interface DoomedRoute {
  readonly route: RouteDump;
  readonly dev: string | null;
}

/** Plans the removal of routes, with one op for each device. */
export function routeRemovals(ns: NsId, routes: readonly DoomedRoute[], cause: string): readonly IpDel[] {
  const byDevice = grouped(routes, ({ route }) => route.ifindex);
  return [...byDevice].map(([ifindex, list]) => ({
    op: 'ip.del',
    ns,
    link: null,
    cause,
    dev: list[0]?.dev ?? null,
    ifindex,
    routes: list.map(({ route, dev }) => routeOfDump(route, dev)),
    addresses: [],
    otherAddresses: [],
  }));
}

/**
 * Plans the removal of the lab's routes from a namespace that stays and in which the lab wants no link any more. A
 * route carries linkloom's protocol number, but no mark of its lab. If another lab has devices in the namespace, the
 * routes stay until the last lab removes them.
 */
export function leftRoutes(dump: NsDump, ownership: Ownership, cause: string): readonly IpDel[] {
  const ours = dump.routes.filter(({ protocol }) => protocol === PROTOCOL);
  if (ours.length === 0) return [];
  const { isIn, othersAreIn } = ownership.tenancyIn(dump);
  if (!isIn || othersAreIn) return [];
  const devices = new Map<number | null, LinkDump>(dump.links.map((link) => [link.ifindex, link]));
  const left = ours.flatMap((route): DoomedRoute[] => {
    const device = devices.get(route.ifindex);
    return device !== undefined && isOurGroup(device.group) ? [] : [{ route, dev: device?.ifname ?? null }];
  });
  return routeRemovals(dump.ns, left, cause);
}
