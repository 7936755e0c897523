import { addressBytes, prefixBytes } from '../../src/net/address.ts';
import { PROTOCOL } from '../../src/net/mark.ts';
import type { Route } from '../../src/topology/values.ts';
import * as nl from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';

/** linux/rtnetlink.h, enum rt_class_t's scopes. */
const SCOPE = { global: 0, link: 253, host: 254, nowhere: 255 } as const;

/** linux/rtnetlink.h, RTN_*: the types that a configuration can ask for. */
export const ROUTE_TYPES = { unicast: 1, blackhole: 6, unreachable: 7, prohibit: 8, throw: 9 } as const;

/**
 * RTM_NEWROUTE: adds a route with linkloom's protocol number. The kernel answers EEXIST if an equal route exists. `oif` is
 * the index of the output device; null: the route has none. Throws RangeError for an invalid address.
 */
export function createRoute(batch: MessageBatch, route: Route, oif: number | null): void {
  batch.begin(nl.RTM_NEWROUTE, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  body(batch, route, oif, createScope(route));
  metrics(batch, route);
  batch.end();
}

/** RTM_DELROUTE: deletes a route with linkloom's protocol number, whatever its scope. */
export function deleteRoute(batch: MessageBatch, route: Route, oif: number | null): void {
  batch.begin(nl.RTM_DELROUTE, 0);
  body(batch, route, oif, route.family === 4 && route.scope === null ? SCOPE.nowhere : SCOPE[route.scope ?? 'global']);
  batch.end();
}

/** The scope that ip-route(8) would choose: a destination without a gateway is on the link. IPv6 has no scopes. */
function createScope(route: Route): number {
  if (route.scope !== null) return SCOPE[route.scope];
  return route.family === 4 && route.type === 'unicast' && route.via === null ? SCOPE.link : SCOPE.global;
}

/** Writes struct rtmsg and the attributes that identify a route. */
function body(batch: MessageBatch, route: Route, oif: number | null, scope: number): void {
  const dst = prefixBytes(route.dst);
  const table = route.table ?? nl.RT_TABLE_MAIN;
  // The third and fourth byte: source prefix length, TOS.
  batch.u8x4(route.family === 4 ? nl.AF_INET : nl.AF_INET6, dst.prefixLength, 0, 0);
  batch.u8x4(table < 256 ? table : nl.RT_TABLE_UNSPEC, PROTOCOL, scope, ROUTE_TYPES[route.type]);
  batch.u32(route.onlink ? nl.RTNH_F_ONLINK : 0);
  if (dst.prefixLength > 0) batch.attrBytes(nl.RTA_DST, dst.bytes);
  if (table >= 256) batch.attrU32(nl.RTA_TABLE, table);
  if (route.via !== null) batch.attrBytes(nl.RTA_GATEWAY, addressBytes(route.via));
  if (oif !== null) batch.attrU32(nl.RTA_OIF, oif);
  if (route.src !== null) batch.attrBytes(nl.RTA_PREFSRC, addressBytes(route.src));
  if (route.metric !== null) batch.attrU32(nl.RTA_PRIORITY, route.metric);
}

function metrics(batch: MessageBatch, route: Route): void {
  if (route.mtuBytes === null && route.advmssBytes === null) return;
  const nested = batch.nest(nl.RTA_METRICS);
  if (route.mtuBytes !== null) batch.attrU32(nl.RTAX_MTU, route.mtuBytes);
  if (route.advmssBytes !== null) batch.attrU32(nl.RTAX_ADVMSS, route.advmssBytes);
  batch.nestEnd(nested);
}

/** Whether a route of this type has an output device. The kernel refuses a device for the other types (fib_create_info). */
export function hasDevice(route: Route): boolean {
  return route.type === 'unicast';
}
