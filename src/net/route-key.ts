/** Decides whether two routes are the same. A key is a text in which the kernel's defaults are filled in. */

/** The parts that a wanted route and a route of the kernel have in common. */
interface RouteParts {
  readonly family: 4 | 6;
  readonly type: string;
  readonly dst: string;
  readonly via: string | null;
  readonly src: string | null;
  readonly mtuBytes: number | null;
  readonly advmssBytes: number | null;
  readonly onlink: boolean;
}

/** A route as a configuration asks for it. A part is null if the kernel chooses it. */
interface AskedRoute extends RouteParts {
  readonly dev: string | null;
  readonly metric: number | null;
  readonly table: number | null;
  readonly scope: 'global' | 'link' | 'host' | null;
}

/** A route as the kernel reports it. */
interface ToldRoute extends RouteParts {
  readonly metric: number;
  readonly table: number;
  readonly scope: number;
}

/** RT_TABLE_MAIN, RT_SCOPE_* (linux/rtnetlink.h). */
const TABLE_MAIN = 254;
const SCOPE = { global: 0, link: 253, host: 254 } as const;
/** The metric of an IPv6 route for which none is given (IP6_RT_PRIO_USER, linux/ipv6_route.h). */
const IP6_METRIC = 1024;

/** The key of a wanted route. `dev` is the device through which it goes. */
export function routeKey(route: AskedRoute, dev: string): string {
  const v6 = route.family === 6;
  const unicast = route.type === 'unicast';
  const scope = v6 ? 0 : SCOPE[route.scope ?? (route.via !== null || !unicast ? 'global' : 'link')];
  const metric = route.metric ?? (v6 ? IP6_METRIC : 0);
  // A blackhole has no device in IPv4 and `lo` in IPv6.
  return join(
    route.type,
    route.dst,
    route.via,
    unicast ? (route.dev ?? dev) : null,
    metric === 0 && v6 ? IP6_METRIC : metric,
    route.table ?? TABLE_MAIN,
    scope,
    route.src,
    route.mtuBytes,
    route.advmssBytes,
    route.onlink,
  );
}

/** The key of a route that exists. `dev` is its device; null: it has none. */
export function routeDumpKey(route: ToldRoute, dev: string | null): string {
  return join(
    route.type,
    route.dst,
    route.via,
    route.type === 'unicast' ? dev : null,
    route.metric,
    route.table,
    route.family === 6 ? 0 : route.scope,
    route.src,
    route.mtuBytes,
    route.advmssBytes,
    route.onlink,
  );
}

function join(...parts: readonly (string | number | boolean | null)[]): string {
  return parts.map((part) => (part === null || part === false ? '' : String(part))).join('|');
}
