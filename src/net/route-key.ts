/** When two routes are the same: the kernel's defaults filled in on both sides, as text. */

/** What both a route that is asked for and one that the kernel tells have. */
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

/** A route as a configuration asks for it: null where the kernel chooses. */
interface AskedRoute extends RouteParts {
  readonly dev: string | null;
  readonly metric: number | null;
  readonly table: number | null;
  readonly scope: 'global' | 'link' | 'host' | null;
}

/** A route as the kernel tells it. */
interface ToldRoute extends RouteParts {
  readonly metric: number;
  readonly table: number;
  readonly scope: number;
}

/** RT_TABLE_MAIN, RT_SCOPE_* (linux/rtnetlink.h). */
const TABLE_MAIN = 254;
const SCOPE = { global: 0, link: 253, host: 254 } as const;
/** The metric an IPv6 route gets when none is asked for (IP6_RT_PRIO_USER, linux/ipv6_route.h). */
const IP6_METRIC = 1024;

/** Key of a wanted route; `dev` is the device it leaves by. */
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
    unicast ? (route.dev ?? dev) : '',
    metric === 0 && v6 ? IP6_METRIC : metric,
    route.table ?? TABLE_MAIN,
    scope,
    route.src,
    route.mtuBytes,
    route.advmssBytes,
    route.onlink,
  );
}

/** Key of a route that is there; `dev` names its device ('' for none). */
export function routeDumpKey(route: ToldRoute, dev: string): string {
  return join(
    route.type,
    route.dst,
    route.via,
    route.type === 'unicast' ? dev : '',
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
