import { addressText } from '../../src/net/address.ts';
import type { RouteDump } from '../../src/wire/seen.ts';
import { attrU32, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import { ROUTE_TYPES } from './route.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Size of struct rtmsg. */
const RTMSG_BYTES = 12;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(ROUTE_TYPES).map(([name, n]) => [n, name]));

/**
 * Reads the payload of one RTM_NEWROUTE. Null for routes that no configuration can ask for: those of the local table, cached
 * routes, and routes of the types that the kernel makes itself (local, broadcast, multicast, anycast).
 */
export function readRoute(bytes: Buffer, start: number, end: number): RouteDump | null {
  if (start + RTMSG_BYTES > end) return null;
  const rtFamily = bytes.readUInt8(start);
  const type = TYPE_NAMES.get(bytes.readUInt8(start + 7));
  const flags = bytes.readUInt32LE(start + 8);
  if ((rtFamily !== nl.AF_INET && rtFamily !== nl.AF_INET6) || type === undefined) return null;
  if (flags & nl.RTM_F_CLONED) return null;
  const family = rtFamily === nl.AF_INET ? 4 : 6;
  const route: Mutable<RouteDump> = {
    ifindex: null,
    family,
    type,
    dst: family === 4 ? '0.0.0.0' : '::',
    via: null,
    src: null,
    metric: 0,
    table: bytes.readUInt8(start + 4),
    protocol: bytes.readUInt8(start + 5),
    scope: bytes.readUInt8(start + 6),
    mtuBytes: null,
    advmssBytes: null,
    onlink: (flags & nl.RTNH_F_ONLINK) !== 0,
  };
  eachAttribute(bytes, start + RTMSG_BYTES, end, (attribute, at, length) =>
    readAttribute(route, bytes, attribute, at, length),
  );
  if (route.table === nl.RT_TABLE_LOCAL) return null;
  route.dst += `/${bytes.readUInt8(start + 1)}`;
  return route;
}

function readAttribute(route: Mutable<RouteDump>, bytes: Buffer, type: number, at: number, length: number): void {
  switch (type) {
    case nl.RTA_DST:
      route.dst = addressAt(bytes, at, length) ?? route.dst;
      break;
    case nl.RTA_GATEWAY:
      route.via = addressAt(bytes, at, length);
      break;
    case nl.RTA_VIA:
      // struct rtvia: the family, then the address.
      route.via = length === nl.NLA_HDRLEN + 18 ? addressText(bytes, at + nl.NLA_HDRLEN + 2, 16) : null;
      break;
    case nl.RTA_PREFSRC:
      route.src = addressAt(bytes, at, length);
      break;
    case nl.RTA_OIF:
      route.ifindex = attrU32(bytes, at, length);
      break;
    case nl.RTA_PRIORITY:
      route.metric = attrU32(bytes, at, length);
      break;
    case nl.RTA_TABLE:
      route.table = attrU32(bytes, at, length);
      break;
    case nl.RTA_METRICS:
      readMetrics(route, bytes, at, length);
      break;
  }
}

function readMetrics(route: Mutable<RouteDump>, bytes: Buffer, metrics: number, metricsLength: number): void {
  eachAttribute(bytes, metrics + nl.NLA_HDRLEN, metrics + metricsLength, (type, at, length) => {
    if (type === nl.RTAX_MTU) route.mtuBytes = attrU32(bytes, at, length);
    if (type === nl.RTAX_ADVMSS) route.advmssBytes = attrU32(bytes, at, length);
  });
}

function addressAt(bytes: Buffer, at: number, length: number): string | null {
  const size = length - nl.NLA_HDRLEN;
  return size === 4 || size === 16 ? addressText(bytes, at + nl.NLA_HDRLEN, size) : null;
}
