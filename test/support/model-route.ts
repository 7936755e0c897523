import { PROTOCOL } from '../../src/net/mark.ts';
import { networkOf } from '../../src/net/offset.ts';
import type { Route } from '../../src/topology/values.ts';
import type { IpAdd, IpDel } from '../../src/wire/ops/ip.ts';
import type { AddressDump, LinkDump, RouteDump } from '../../src/wire/seen.ts';

/** A route as the kernel would report it, with its defaults filled in. */
function dumpOf(route: Route, ifindex: number | null): RouteDump {
  const v6 = route.family === 6;
  return {
    ifindex: route.type === 'unicast' ? ifindex : null,
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

/** The routes without some of those through a device. */
export function withoutRoutes(
  routes: readonly RouteDump[],
  ifindex: number | null,
  gone: readonly Route[],
): RouteDump[] {
  const keys = new Set(gone.map((route) => `${route.dst} ${route.via}`));
  return routes.filter((route) => route.ifindex !== ifindex || !keys.has(`${route.dst} ${route.via}`));
}

/** A namespace's addresses and routes. */
export interface IpTables {
  addresses: AddressDump[];
  routes: RouteDump[];
}

export function giveAddresses(space: IpTables, ifindex: number, addresses: readonly string[]): void {
  for (const address of addresses) {
    if (space.addresses.some((entry) => entry.ifindex === ifindex && entry.address === address)) continue;
    space.addresses.push({ ifindex, address, protocol: PROTOCOL, scope: 'global' });
  }
}

export function giveRoutes(space: IpTables, ifindex: number | null, routes: readonly Route[]): void {
  for (const route of routes) {
    const dump = dumpOf(route, ifindex);
    if (!space.routes.some((other) => JSON.stringify(other) === JSON.stringify(dump))) space.routes.push(dump);
  }
}

export function giveRoutesByName(
  space: IpTables & { readonly links: readonly LinkDump[] },
  { ns, dev, routes }: IpAdd,
): void {
  for (const route of routes) {
    const device = space.links.find((link) => link.ifname === (route.dev ?? dev));
    if (!device?.up && route.type === 'unicast') throw new Error(`ENETDOWN ${ns} ${dev}`);
    giveRoutes(space, device?.ifindex ?? null, [route]);
  }
}

/**
 * The addresses and routes after some were removed. With the first address of a subnet go its secondaries; with the last address of
 * a device go all its routes.
 */
export function afterRemoval(before: IpTables, { ifindex, routes: gone, addresses: asked }: IpDel): IpTables {
  let { addresses } = before;
  let routes = withoutRoutes(before.routes, ifindex, gone);
  for (const address of asked) {
    const isOf = (entry: AddressDump): boolean =>
      entry.ifindex === ifindex && networkOf(entry.address) === networkOf(address);
    const isFirst = !address.includes(':') && addresses.find(isOf)?.address === address;
    addresses = addresses.filter(
      (entry) => !(isFirst ? isOf(entry) : entry.ifindex === ifindex && entry.address === address),
    );
    if (!address.includes(':') && !addresses.some((entry) => entry.ifindex === ifindex && !entry.address.includes(':')))
      routes = routes.filter((route) => route.ifindex !== ifindex || route.family === 6);
  }
  return { addresses, routes };
}
