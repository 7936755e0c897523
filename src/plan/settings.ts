/** A device that is ours against what is wanted of it: what differs, and the op that mends it. */
import { PROTOCOL } from '../net/mark.ts';
import { modeOf } from '../net/modes.ts';
import type { Link, Route } from '../topology/topology.ts';
import type { Found, NsView, Observed } from './observed.ts';
import type { DeviceSettings, LinkSet } from './op.ts';
import { routeDumpKey, routeKey, routeOfDump } from './routes.ts';

/** Settings that leave everything alone. */
export const NO_SETTINGS: DeviceSettings = {
  mac: null,
  mtuBytes: null,
  up: null,
  alias: null,
  group: null,
  txChecksumOff: false,
};

interface Differences {
  readonly causes: string[];
  readonly settings: DeviceSettings;
  readonly mode: LinkSet['mode'];
}

function compareDevice(link: Link, found: Found['link'], alias: string | null): Differences {
  const { spec } = link;
  const causes: string[] = [];
  let settings = NO_SETTINGS;
  if (link.mac !== null && found.mac !== link.mac) {
    causes.push(`mac ${found.mac} → ${link.mac}`);
    settings = { ...settings, mac: link.mac };
  }
  if (spec.mtuBytes !== null && found.mtuBytes !== spec.mtuBytes) {
    causes.push(`mtu ${found.mtuBytes} → ${spec.mtuBytes}`);
    settings = { ...settings, mtuBytes: spec.mtuBytes };
  }
  if (found.up !== (spec.state === 'up')) {
    causes.push(`state ${found.up ? 'up' : 'down'} → ${spec.state}`);
    settings = { ...settings, up: spec.state === 'up' };
  }
  if (alias !== null && found.alias !== alias) {
    causes.push('mark missing');
    settings = { ...settings, alias };
  }
  const wanted = modeOf(spec.type, spec.mode);
  if (wanted === null || found.mode === wanted) return { causes, settings, mode: null };
  causes.push(`mode ${found.mode} → ${wanted}`);
  return { causes, settings, mode: { type: spec.type, name: wanted } };
}

const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address);

function compareAddresses(link: Link, view: NsView, ifindex: number, observed: Observed) {
  const there = view.addressesOf(ifindex);
  const present = new Set(there.map((entry) => entry.address));
  const wanted = new Set(link.addresses);
  const foreign = there.filter(({ address }) => !wanted.has(address) && !isLinkLocal(address));
  const ours = foreign.filter(({ protocol }) => protocol === PROTOCOL || !observed.addressProtocol);
  return {
    add: link.addresses.filter((address) => !present.has(address)),
    del: ours.map(({ address }) => address),
    notes: foreign
      .filter((entry) => !ours.includes(entry))
      .map(({ address }) => `${link.id}: address ${address} is not linkloom's, left alone`),
  };
}

function compareRoutes(link: Link, view: NsView, ifindex: number): { add: Route[]; del: Route[] } {
  const nameOf = (index: number): string => view.byIndex.get(index)?.ifname ?? '';
  const ofNode = view.dump.routes.filter((route) => route.protocol === PROTOCOL);
  if (link.spec.routes.length === 0 && ofNode.length === 0) return { add: [], del: [] };
  const there = new Set(ofNode.map((route) => routeDumpKey(route, nameOf(route.ifindex))));
  const wanted = new Set(link.spec.routes.map((route) => routeKey(route, link.dev)));
  const mine = view.routesOf(ifindex).filter((route) => route.protocol === PROTOCOL);
  return {
    add: link.spec.routes.filter((route) => !there.has(routeKey(route, link.dev))),
    del: mine
      .filter((route) => !wanted.has(routeDumpKey(route, link.dev)))
      .map((route) => routeOfDump(route, link.dev)),
  };
}

/** Whether some other link of the node asks for a route through this device (`dev X` in its text). */
export type RouteOwner = (node: string, key: string) => boolean;

/**
 * The op that brings a node end of ours to what is wanted, or null if nothing differs. `alias` is
 * the mark that the device itself must carry, null where its port carries it.
 */
export function settleDevice(
  link: Link,
  found: Found['link'],
  alias: string | null,
  observed: Observed,
  wantedElsewhere: RouteOwner,
): { readonly op: LinkSet | null; readonly cause: string; readonly notes: readonly string[] } {
  const view = observed.namespaces.get(link.node.ns);
  if (!view) return { op: null, cause: '', notes: [] };
  const { causes, settings, mode } = compareDevice(link, found, alias);
  const addresses = compareAddresses(link, view, found.ifindex, observed);
  const isUp = link.spec.state === 'up';
  const routes = isUp ? compareRoutes(link, view, found.ifindex) : { add: [], del: [] };
  const delRoutes = routes.del.filter((route) => !wantedElsewhere(link.node.ns, routeKey(route, link.dev)));
  // Taking an address away takes the routes that need it with it, and raising a device brings none back: ask for them all again.
  const lost = addresses.del.length > 0 || (settings.up === true && isUp);
  const addRoutes = lost ? link.spec.routes : routes.add;
  for (const address of addresses.add) causes.push(`address ${address} missing`);
  for (const address of addresses.del) causes.push(`address ${address} not in the configuration`);
  for (const route of routes.add) causes.push(`route ${route.text} missing`);
  for (const route of delRoutes) causes.push(`route ${route.text} not in the configuration`);
  if (causes.length === 0) return { op: null, cause: '', notes: addresses.notes };
  const cause = causes.join(', ');
  const op: LinkSet = {
    op: 'link.set',
    ns: link.node.ns,
    link: link.id,
    cause,
    dev: link.dev,
    ifindex: found.ifindex,
    settings,
    addAddresses: addresses.add,
    delAddresses: addresses.del,
    addRoutes,
    delRoutes,
    mode,
  };
  return { op, cause, notes: addresses.notes };
}
