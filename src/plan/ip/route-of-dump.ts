import type { Route } from '../../topology/values.ts';
import type { RouteDump } from '../../wire/seen.ts';

/** An observed route as a Route, so that it can be removed. `dev`: its device. null: the route has none. */
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

/** The route as ip-route(8) writes it. A route that leads nowhere has no device, though IPv6 reports it on `lo`. */
function textOf({ type, dst, via }: RouteDump, dev: string | null): string {
  if (type !== 'unicast') return `${type} ${dst}`;
  return `${dst}${via === null ? '' : ` via ${via}`}${dev === null ? '' : ` dev ${dev}`}`;
}
