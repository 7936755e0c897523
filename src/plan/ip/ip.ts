/** Plans addresses and routes last: what has to be removed first, and what is added once all devices exist. */

import { grouped } from '../../grouped.ts';
import { type NsId, OWN_NS } from '../../net/ns-id.ts';
import type { Link } from '../../topology/topology.ts';
import type { Route } from '../../topology/values.ts';
import { isMade, MADE } from '../../wire/device-ref.ts';
import type { Op } from '../../wire/op.ts';
import { type Context, isDeleted } from '../context.ts';
import type { NsView } from '../ns-view.ts';
import { linksMade } from '../plan.ts';
import { routeRemovals } from './left.ts';
import { othersTakenAlong } from './others.ts';
import { type Change, type Fate, type TakenAlong, takenAlong } from './taken-along.ts';
import { identityOf, type SeenRoute, standsAlone, type WantedRoute } from './wanted.ts';

const NOT_WANTED = 'not in the configuration';
const ALONG = 'the change takes it along';

/** Plans the routes of all nodes, after everything else is planned. */
export function planIp(context: Context): void {
  const made = linksMade(context.draft);
  const { observed } = context;
  const changes = grouped(context.draft.ops.flatMap(changesBy), ({ ns }) => identityOf(observed, ns));
  const links = grouped(context.network.links, (link) => identityOf(observed, link.node.ns));
  const blocked = new Set(context.draft.links.filter(({ verdict }) => verdict === 'blocked').map(({ link }) => link));
  for (const [identity, own] of links) {
    const ns = own[0]?.node.ns ?? OWN_NS;
    const view = observed.namespaces.get(ns);
    const all = view === undefined ? [] : [...(changes.get(identity) ?? []), ...replaced(view, own, made)];
    if (all.length > 0 && view?.others === null) context.draft.doubts.others.add(ns);
    planRoutes(context, { ns, view, made, blocked, along: view && all.length > 0 ? takenAlong(view, all) : null });
  }
}

/** What an op does to devices that exist, if the kernel may remove addresses or routes because of it. */
function changesBy(op: Op): readonly (Change & { readonly ns: NsId })[] {
  const nothing = { ns: op.ns, gone: false, up: null, mtuBytes: null, addresses: [] };
  switch (op.op) {
    case 'link.del':
      return isMade(op.ifindex) ? [] : [{ ...nothing, ifindex: op.ifindex, gone: true }];
    case 'ip.del':
      if (op.ifindex === null || op.addresses.length === 0) return [];
      return [{ ...nothing, ifindex: op.ifindex, addresses: op.addresses }];
    case 'link.set': {
      const { up, mtuBytes } = op.settings;
      if (isMade(op.ifindex) || (up === null && mtuBytes === null)) return [];
      return [{ ...nothing, ifindex: op.ifindex, up, mtuBytes }];
    }
    default:
      return [];
  }
}

/** Devices that are deleted because the plan makes them anew. A veth is also deleted with its other end. */
function replaced(view: NsView, links: readonly Link[], made: ReadonlySet<string>): readonly Change[] {
  return links.flatMap(({ id, dev }) => {
    const device = made.has(id) ? view.byName.get(dev) : undefined;
    return device ? [{ ifindex: device.ifindex, gone: true, up: null, mtuBytes: null, addresses: [] }] : [];
  });
}

interface NodeRoutes {
  readonly ns: NsId;
  readonly view: NsView | undefined;
  /** Links whose devices the plan makes. */
  readonly made: ReadonlySet<string>;
  /** Links that are blocked. */
  readonly blocked: ReadonlySet<string>;
  /** What the kernel removes because of the plan's changes. null: the plan changes nothing there. */
  readonly along: TakenAlong | null;
}

function planRoutes(context: Context, place: NodeRoutes): void {
  const { wanted, seen, isWanted } = context.routesOf(place.ns);
  const fates = new Map(seen.map((route) => [route.key, fateOf(route, place.along)]));
  removeRoutes(
    context,
    place,
    seen.filter((route) => (isWanted(route) ? fates.get(route.key) === 'altered' : route.mayGo)),
    isWanted,
  );
  const others = place.view && place.along ? othersTakenAlong(context, place.view, place.along) : null;
  if (others && others.addresses.length > 0)
    context.draft.ops.push({
      ...{ op: 'ip.restore', ns: place.ns, link: null, cause: ALONG },
      ...{ addresses: others.addresses, routes: [] },
    });
  addRoutes(context, place, wanted, fates);
  if (others && others.routes.length > 0)
    context.draft.ops.push({
      ...{ op: 'ip.restore', ns: place.ns, link: null, cause: ALONG },
      ...{ addresses: [], routes: others.routes },
    });
}

function fateOf({ route }: SeenRoute, along: TakenAlong | null): Fate {
  return along?.route({ ...route, ifindexes: [route.ifindex ?? []].flat() }) ?? 'stays';
}

function removeRoutes(
  context: Context,
  { ns }: NodeRoutes,
  routes: readonly SeenRoute[],
  isWanted: (seen: SeenRoute) => boolean,
): void {
  for (const [wanted, list] of grouped(routes, isWanted)) {
    context.draft.ops.push(...routeRemovals(ns, list, wanted ? ALONG : NOT_WANTED));
  }
}

/**
 * Plans the routes of each link, in the order of the configuration: missing routes, and routes that the kernel removes
 * because of the plan's changes.
 */
function addRoutes(
  context: Context,
  { ns, view, made, blocked }: NodeRoutes,
  wanted: readonly WantedRoute[],
  fates: ReadonlyMap<string, Fate>,
): void {
  const byLink = new Map<Link, { readonly routes: Route[]; isMissing: boolean }>();
  // A link that waits for its other end has no device yet.
  const isThere = ({ dev }: Link): boolean => {
    const device = view?.byName.get(dev);
    return device !== undefined && !isDeleted(context, { ns, link: device });
  };
  // A new device is as configured, whatever the last one was set to.
  const canBe = ({ link, isHeld }: WantedRoute): boolean =>
    made.has(link.id) ? link.spec.state !== 'down' : isThere(link) && !isHeld;
  for (const { link, route, key } of wanted.filter((one) => !blocked.has(one.link.id) && canBe(one))) {
    const isMissing = fates.get(key) === undefined;
    if ((made.has(link.id) && standsAlone(link, route)) || fates.get(key) === 'stays') continue;
    const added = byLink.get(link) ?? { routes: [], isMissing };
    added.routes.push(route);
    added.isMissing ||= isMissing;
    byLink.set(link, added);
  }
  for (const [link, { routes, isMissing }] of byLink) {
    const device = made.has(link.id) ? undefined : view?.byName.get(link.dev);
    const cause = isMissing ? 'route missing' : ALONG;
    context.draft.ops.push({
      op: 'ip.add',
      ns,
      link: link.id,
      cause,
      dev: link.dev,
      ifindex: device?.ifindex ?? MADE,
      routes,
    });
  }
}
