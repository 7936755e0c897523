/**
 * Routes from linkloom's own namespace to links whose ports are forwarded. Such a route leads through the link's
 * bridge, which has no address of its own.
 */
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import { PROTOCOL } from '../../net/mark.ts';
import { routeKey } from '../../net/route-key.ts';
import type { Link } from '../../topology/topology.ts';
import type { Route } from '../../topology/values.ts';
import type { RouteSet } from '../../wire/ops/ip.ts';
import type { Context } from '../context.ts';
import { routeOfDump } from '../ip/route-of-dump.ts';
import type { Observed } from '../observed.ts';
import type { Planned } from './planned.ts';
import { forwardAddress } from './translations.ts';
import { FORWARD_NS } from './uplink.ts';

interface Way {
  readonly bridge: string;
  readonly route: Route;
}

function wayOf(link: Link): Way | null {
  if (link.forwards.length === 0) return null;
  const bridge = bridgeOf(link.spec);
  const address = forwardAddress(link);
  if (bridge === null || address === null) return null;
  const dst = `${address}/32`;
  const route: Route = {
    family: 4,
    type: 'unicast',
    dst,
    via: null,
    dev: null,
    src: null,
    metric: null,
    table: null,
    scope: null,
    mtuBytes: null,
    advmssBytes: null,
    onlink: false,
    text: `${dst} dev ${bridge}`,
  };
  return { bridge, route };
}

export function planForwardRoutes(context: Context, { link, differs }: Planned): void {
  const way = wayOf(link);
  if (way === null || isThere(context.observed, way)) return;
  const cause = `route ${way.route.text} missing`;
  differs(cause);
  context.draft.ops.push(routeSet(way.bridge, link.id, cause, [way.route], []));
}

function isThere(observed: Observed, { bridge, route }: Way): boolean {
  const key = routeKey(route, bridge);
  return waysThrough(observed, bridge).some((found) => routeKey(found, bridge) === key);
}

/** Routes that linkloom made through a bridge in its own namespace. */
function waysThrough(observed: Observed, bridge: string): readonly Route[] {
  const own = observed.namespaces.get(FORWARD_NS);
  const device = own?.byName.get(bridge);
  if (own === undefined || device === undefined) return [];
  return own
    .routesOf(device.ifindex)
    .filter(({ protocol }) => protocol === PROTOCOL)
    .map((route) => routeOfDump(route, bridge));
}

/** Plans the removal of routes that lead to no link any more. A bridge that is deleted takes its routes with it. */
export function pruneForwardRoutes(context: Context): void {
  const wanted = new Set<string>();
  for (const link of context.network.links) {
    const way = wayOf(link);
    if (way !== null) wanted.add(routeKey(way.route, way.bridge));
  }
  for (const { name } of context.network.bridges) {
    const strays = waysThrough(context.observed, name).filter((route) => !wanted.has(routeKey(route, name)));
    if (strays.length > 0) context.draft.ops.push(routeSet(name, null, 'not in the configuration', [], strays));
  }
}

/** The ops that remove the routes to links that are gone. */
export function forgetForwardRoutes(links: readonly Link[], observed: Observed): readonly RouteSet[] {
  return links.flatMap((link) => {
    const way = wayOf(link);
    if (way === null || !isThere(observed, way)) return [];
    return [routeSet(way.bridge, null, 'its node has ended', [], [way.route])];
  });
}

function routeSet(
  dev: string,
  link: string | null,
  cause: string,
  add: readonly Route[],
  del: readonly Route[],
): RouteSet {
  return { op: 'route.set', ns: FORWARD_NS, link, cause, dev, add, del };
}
