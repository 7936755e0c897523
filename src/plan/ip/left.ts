/** Routes that no device takes along: those that lead nowhere (`blackhole` and its kin), and those by devices of others. */

import { grouped } from '../../grouped.ts';
import { isOurGroup, PROTOCOL } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { IpDel } from '../../wire/ops/ip.ts';
import type { LinkDump, NsDump, RouteDump } from '../../wire/seen.ts';
import type { Ownership } from '../ownership.ts';
import { routeOfDump } from './route-of-dump.ts';

/** A route, and the name of the device that it leaves by; null: it leaves by none. */
interface DoomedRoute {
  readonly route: RouteDump;
  readonly dev: string | null;
}

/** Plan the removal of routes, an op for each device. */
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
 * Plan the removal of the lab's routes from a namespace that stays, and in which no link of the lab is wanted any more. A route has
 * linkloom's number and no mark of its lab: where another lab has devices too, such routes stay for the last lab to remove.
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
