import type { Route } from '../../topology/topology.ts';
import type { RouteDump } from '../../wire/seen.ts';

/** A route that is there, as a Route, so that it can be taken away again. `dev`: the device that it leaves by; null: none. */
export function routeOfDump(route: RouteDump, dev: string | null): Route {
  return {
    family: route.family,
    type: route.type as Route['type'],
    dst: route.dst,
    via: route.via,
    dev,
    src: route.src,
    metric: route.metric,
    table: route.table,
    scope: null,
    mtuBytes: route.mtuBytes,
    advmssBytes: route.advmssBytes,
    onlink: route.onlink,
    text: textOf(route, dev),
  };
}

/** As ip-route(8) writes it. A route that leads nowhere has no device, though IPv6 puts it on `lo`. */
function textOf({ type, dst, via }: RouteDump, dev: string | null): string {
  if (type !== 'unicast') return `${type} ${dst}`;
  return `${dst}${via === null ? '' : ` via ${via}`}${dev === null ? '' : ` dev ${dev}`}`;
}
