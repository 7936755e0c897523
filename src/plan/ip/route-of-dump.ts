import type { Route } from '../../topology/topology.ts';
import type { RouteDump } from '../../wire/seen.ts';

/** A route that is there, as a Route, so that it can be taken away again. */
export function routeOfDump(route: RouteDump, dev: string): Route {
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
    text: `${route.dst}${route.via === null ? '' : ` via ${route.via}`} dev ${dev}`,
  };
}
