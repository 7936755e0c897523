import type { RouteDump } from '../../src/engine/protocol.ts';
import { PROTOCOL } from '../../src/net/mark.ts';
import type { Route } from '../../src/topology/topology.ts';

/** A route as the kernel would tell it back, its defaults filled in. */
export function dumpOf(route: Route, ifindex: number): RouteDump {
  const v6 = route.family === 6;
  return {
    ifindex: route.type === 'unicast' ? ifindex : 0,
    family: route.family,
    type: route.type,
    dst: route.dst,
    via: route.via,
    src: route.src,
    metric: route.metric ?? (v6 ? 1024 : 0),
    table: route.table ?? 254,
    protocol: PROTOCOL,
    scope: v6
      ? 0
      : route.scope === 'host'
        ? 254
        : route.scope === 'link' || (route.scope === null && route.via === null && route.type === 'unicast')
          ? 253
          : 0,
    mtuBytes: route.mtuBytes,
    advmssBytes: route.advmssBytes,
    onlink: route.onlink,
  };
}

/** What is left of routes once some through a device were taken away. */
export function withoutRoutes(routes: readonly RouteDump[], ifindex: number, gone: readonly Route[]): RouteDump[] {
  const keys = new Set(gone.map((route) => `${route.dst} ${route.via}`));
  return routes.filter((route) => route.ifindex !== ifindex || !keys.has(`${route.dst} ${route.via}`));
}
