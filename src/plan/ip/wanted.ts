/** The routes that a node is to have, and which of them exist. */

import { grouped } from '../../grouped.ts';
import { isLinkLocal } from '../../net/address.ts';
import { groupOf, isOurGroup, PROTOCOL, ROLE, sameLab } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import { contains } from '../../net/offset.ts';
import { routeDumpKey, routeKey } from '../../net/route-key.ts';
import type { Link, Network } from '../../topology/topology.ts';
import type { Route } from '../../topology/values.ts';
import type { RouteDump } from '../../wire/seen.ts';
import type { NsView } from '../ns-view.ts';
import type { Observed } from '../observed.ts';
import { IPV6_MTU_MIN, type Overrides } from '../overrides/overrides.ts';

/** A route and the link that asks for it. */
export interface WantedRoute {
  readonly link: Link;
  readonly route: Route;
  readonly key: string;
  /** The kernel has no such route on the device as it is set by hand. On a device that the plan makes it does. */
  readonly isHeld: boolean;
}

/** A route of linkloom's as observed. `dev` is null if the route has no device. */
export interface SeenRoute {
  readonly route: RouteDump;
  readonly dev: string | null;
  readonly key: string;
  /** Whether these links may remove the route. */
  readonly mayGo: boolean;
}

export interface NodeRoutes {
  /** Routes that are wanted. Routes of a device that is down are left out, since the kernel refuses them. */
  readonly wanted: readonly WantedRoute[];
  /** Linkloom's routes that exist, those of other labs included. */
  readonly seen: readonly SeenRoute[];
  readonly isWanted: (seen: SeenRoute) => boolean;
  /** Routes that a link wants and that do not exist. */
  readonly missingOf: (link: Link) => readonly WantedRoute[];
  /** Routes through a device that exist and that nothing wants. */
  readonly unwantedOf: (ifindex: number) => readonly SeenRoute[];
}

/**
 * Compares the routes of each network namespace once, on the first question about it; nodes can share a namespace.
 * `isWhole`: these are all links of the lab, so a route that none of them wants is not wanted at all.
 */
export function routesOfNodes(
  network: Network,
  observed: Observed,
  isWhole: boolean,
  overrides: Overrides,
): (ns: NsId) => NodeRoutes {
  const links = grouped(network.links, (link) => identityOf(observed, link.node.ns));
  const nodeEnd = groupOf(network.lab, ROLE.nodeEnd);
  const known = new Map<number | NsId, NodeRoutes>();
  return (ns) => {
    const identity = identityOf(observed, ns);
    let routes = known.get(identity);
    if (routes === undefined) {
      const own = links.get(identity) ?? NONE;
      const view = observed.namespaces.get(ns);
      routes = compare(wantedOf(own, overrides), view === undefined ? NONE : seenIn(view, own, nodeEnd, isWhole));
      known.set(identity, routes);
    }
    return routes;
  };
}

/** A namespace's identity: its inode, or its name if it is still to be made. */
export function identityOf({ namespaces }: Observed, ns: NsId): number | NsId {
  return namespaces.get(ns)?.dump.inode ?? ns;
}

function compare(wanted: readonly WantedRoute[], seen: readonly SeenRoute[]): NodeRoutes {
  const wantedKeys = new Set(wanted.map(({ key }) => key));
  const seenKeys = new Set(seen.map(({ key }) => key));
  const isWanted = ({ key }: SeenRoute): boolean => wantedKeys.has(key);
  const missing = grouped(
    wanted.filter(({ key, isHeld }) => !isHeld && !seenKeys.has(key)),
    ({ link }) => link,
  );
  const unwanted = grouped(
    seen.filter((route) => route.mayGo && !isWanted(route)),
    ({ route }) => route.ifindex,
  );
  return {
    wanted,
    seen,
    isWanted,
    missingOf: (link) => missing.get(link) ?? NONE,
    unwantedOf: (ifindex) => unwanted.get(ifindex) ?? NONE,
  };
}

const NONE: readonly never[] = [];

function wantedOf(links: readonly Link[], overrides: Overrides): readonly WantedRoute[] {
  if (links.every(({ spec }) => spec.routes.length === 0)) return [];
  const down = new Set(links.filter(({ spec }) => spec.state === 'down').map(({ dev }) => dev));
  const asleep = new Set<string>();
  const withoutIpv6 = new Set<string>();
  for (const link of links) {
    const found = overrides.ofNodeEnd(link);
    if (found === null) continue;
    const { device, set } = found;
    if (set.state) {
      down.delete(link.dev);
      if (!device.up) asleep.add(link.dev);
    }
    if (set.mtu && device.mtuBytes < IPV6_MTU_MIN) withoutIpv6.add(link.dev);
  }
  return links.flatMap((link) =>
    down.has(link.dev)
      ? []
      : link.spec.routes
          .filter((route) => route.type !== 'unicast' || !down.has(route.dev ?? link.dev))
          .map((route) => {
            const dev = route.dev ?? link.dev;
            const isHeld =
              asleep.has(link.dev) ||
              (route.type === 'unicast' && (asleep.has(dev) || (route.family === 6 && withoutIpv6.has(dev))));
            return { link, route, key: routeKey(route, link.dev), isHeld };
          }),
  );
}

/**
 * The linkloom routes of a namespace. Routes through devices of these links may be removed. If these are all links of
 * the lab, so may routes without a device and routes through devices of no lab. A route has no mark of its lab, so with
 * another lab in the namespace such a route may be that lab's, and stays.
 */
function seenIn(view: NsView, links: readonly Link[], nodeEnd: number, isWhole: boolean): readonly SeenRoute[] {
  const ours = view.dump.routes.filter(({ protocol }) => protocol === PROTOCOL);
  if (ours.length === 0) return NONE;
  const devs = new Set(links.map(({ dev }) => dev));
  const isShared = view.dump.links.some(({ group }) => isOurGroup(group) && !sameLab(group, nodeEnd));
  return ours.map((route) => {
    const device = route.ifindex === null ? undefined : view.byIndex.get(route.ifindex);
    const dev = device?.ifname ?? null;
    const mayGo =
      device !== undefined && isOurGroup(device.group)
        ? sameLab(device.group, nodeEnd) && devs.has(device.ifname)
        : isWhole && !isShared;
    return { route, dev, key: routeDumpKey(route, dev), mayGo };
  });
}

/**
 * Whether a route of a new device needs only that device and its addresses. Such a route can be made together with the
 * device.
 */
export function standsAlone(link: Link, { type, dev, via, src, onlink }: Route): boolean {
  // A route that leads nowhere does not belong to the device, and may exist already.
  if (type !== 'unicast') return false;
  if (src !== null && !link.addresses.some((address) => address.startsWith(`${src}/`))) return false;
  if (dev !== null && dev !== link.dev) return false;
  return via === null || onlink || isLinkLocal(via) || link.addresses.some((address) => contains(address, via));
}

/** The routes that a new device is made with. */
export function immediateRoutes(link: Link): readonly Route[] {
  const { routes, state } = link.spec;
  if (routes.length === 0 || state === 'down') return [];
  return routes.every((route) => standsAlone(link, route))
    ? routes
    : routes.filter((route) => standsAlone(link, route));
}
