/** A network and what was observed of it → the broadcast domains that can be probed, and what can't. */
import { traitsOf } from '../kinds/bridge-modes.ts';
import { bridgeOf, reachOf, vlanIdOf } from '../kinds/links/link-kinds.ts';
import { groupOf, isPortGroup, ROLE } from '../net/mark.ts';
import type { NsView } from '../plan/ns-view.ts';
import type { Found, Observed } from '../plan/observed.ts';
import { aliasOfLink } from '../plan/switch/placement.ts';
import { placedParent } from '../topology/links.ts';
import { tunnelDev } from '../topology/names.ts';
import type { BridgeSpec, Link, Network } from '../topology/topology.ts';
import { remoteText } from '../topology/tunnels.ts';
import type { Netem } from '../topology/values.ts';
import { verb } from '../verb-names.ts';
import type { LinkDump } from '../wire/seen.ts';
import { type Absent, type Domain, type LocalEnd, type Manner, placeKey } from './end.ts';
import type { TunnelProof } from './proof.ts';
import { standingOf } from './standing.ts';
import { type MembershipOf, memberships } from './switching.ts';

export interface Domains {
  readonly domains: readonly Domain[];
  /** All ends, by their numbers. */
  readonly ends: readonly LocalEnd[];
  /** Links that are in no domain. */
  readonly alone: readonly Absent[];
  readonly tunnels: readonly TunnelProof[];
  /** Whether a port that is up has no carrier yet, and takes no part for that. A moment later it may have one. */
  readonly isUnsettled: boolean;
}

/** Where a link belongs. */
interface Place {
  readonly key: string;
  readonly label: string;
  readonly bridge: string | null;
  readonly below: string | null;
}

interface Making {
  readonly network: Network;
  readonly observed: Observed;
  readonly membershipOf: MembershipOf;
  readonly bridges: ReadonlyMap<string, BridgeSpec>;
  /** Links by their node's namespace and their device. */
  readonly byDevice: ReadonlyMap<string, Link>;
  /** Bridges that tunnels out of the lab are tied to. */
  readonly tunnelled: ReadonlySet<string>;
  /** Is added to. */
  readonly unsettled: Found[];
}

/** Whether a link is wanted; `bridge`: the one that carries it, directly or as its parents do. null: none of the configuration. */
export type IsWanted = (link: Link, bridge: string | null) => boolean;

/**
 * The domains of which any link is wanted. Links of nodes that do not run are in neither list: `network.pending` has them. `crossing`:
 * bridges whose tunnel leads to other hosts of the lab, so that a probe which takes it stays in the lab.
 */
export function domainsOf(
  network: Network,
  observed: Observed,
  isWanted: IsWanted,
  crossing: ReadonlySet<string> = new Set(),
): Domains {
  const outward = outwardOf(network, crossing);
  const membershipOf = memberships(
    observed,
    groupOf(network.lab, ROLE.nodeEnd),
    (bridge) => crossing.has(bridge) && !outward.has(bridge),
  );
  const making: Making = {
    network,
    observed,
    membershipOf,
    bridges: new Map(network.bridges.map((bridge) => [bridge.name, bridge])),
    byDevice: carriersOf(network),
    tunnelled: outward,
    unsettled: [],
  };
  const { members, alone } = membersOf(making);
  const ends: LocalEnd[] = [];
  const wanted = members.filter(({ place, links }) => links.some((link) => isWanted(link, place.bridge)));
  const domains = wanted.map(({ place, links }) => domainOf(making, place, links, ends));
  const tunnels = network.tunnels.map((spec) => ({
    ...{ tunnel: tunnelDev(spec), bridge: spec.bridge },
    message: `its other end ${remoteText(spec)} is not of this lab`,
  }));
  return {
    domains,
    ends,
    alone: alone.filter(({ link }) => isWanted(link, null)),
    tunnels,
    isUnsettled: making.unsettled.length > 0,
  };
}

/** Bridges with a tunnel that leads out of the lab: on one that crosses to other hosts, that is any tunnel but the one that does. */
function outwardOf({ tunnels }: Network, crossing: ReadonlySet<string>): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { bridge } of tunnels) counts.set(bridge, (counts.get(bridge) ?? 0) + 1);
  return new Set([...counts].filter(([bridge, count]) => !crossing.has(bridge) || count > 1).map(([bridge]) => bridge));
}

const NOTHING_NAMED: Omit<Absent, 'link'> = {
  state: 'not-proved',
  message: 'it is tied to nothing that the configuration names',
  hint: null,
};

/** The links that can be parents of others; none if no link has a parent. */
function carriersOf({ links }: Network): Making['byDevice'] {
  if (!links.some((link) => placedParent(link) !== null)) return new Map();
  return new Map(links.map((link) => [placeKey(link.node.ns, link.dev), link]));
}

/** The links of each domain, and those of none. */
function membersOf(making: Making): {
  readonly members: readonly { readonly place: Place; readonly links: readonly Link[] }[];
  readonly alone: readonly LocalAbsent[];
} {
  const alone: LocalAbsent[] = [];
  const members = new Map<string, { place: Place; links: Link[] }>();
  for (const link of making.network.links) {
    const place = placeOf(making, link);
    const known = members.get(place?.key ?? '');
    if (known !== undefined) known.links.push(link);
    else if (place !== null) members.set(place.key, { place, links: [link] });
    else {
      const standing = standingOf(making.network, making.observed, link);
      alone.push(absent(link, 'state' in standing ? standing : NOTHING_NAMED));
    }
  }
  return { members: [...members.values()], alone };
}

type LocalAbsent = Absent & { readonly link: Link };

function absent(link: Link, why: Omit<Absent, 'link'>): LocalAbsent {
  return { link, state: why.state, message: why.message, hint: why.hint };
}

/** Where a link belongs; null: nowhere. */
function placeOf(making: Making, link: Link): Place | null {
  const bridge = bridgeOf(link.spec);
  if (bridge !== null) return { key: `bridge ${bridge}`, label: bridge, bridge, below: null };
  const parent = placedParent(link);
  const reach = reachOf(link.spec);
  if (parent === null || reach === 'nobody') return null;
  const below = belowOf(making, link);
  if (reach === 'tagged') {
    const id = vlanIdOf(link.spec);
    return {
      key: `${below.key} vlan ${id}`,
      label: `vlan ${id} of ${below.label}`,
      bridge: below.bridge,
      below: below.key,
    };
  }
  if (reach !== 'addresses') return below;
  const key = `addresses ${placeKey(parent.ns, parent.dev)}`;
  return { key, label: `children of ${parent.dev}`, bridge: null, below: below.key };
}

/** Where a link's parent belongs. */
function belowOf(making: Making, link: Link): Place {
  const parent = placedParent(link);
  if (parent === null) throw new Error(`${link.id} has no parent`);
  const carrier = making.byDevice.get(placeKey(parent.ns, parent.dev));
  const place = carrier === undefined ? null : placeOf(making, carrier);
  if (place !== null) return place;
  return {
    key: `device ${placeKey(parent.ns, parent.dev)}`,
    label: `children of ${parent.dev}`,
    bridge: null,
    below: null,
  };
}

function domainOf(making: Making, place: Place, links: readonly Link[], ends: LocalEnd[]): Domain {
  const absentees: Absent[] = [];
  const ready: Unnumbered[] = [];
  const why = untouched(making, place);
  for (const link of links) {
    const standing = standingOf(making.network, making.observed, link);
    if ('state' in standing) absentees.push(absent(link, standing));
    else if (why !== null) absentees.push(absent(link, { state: 'not-proved', message: why, hint: null }));
    else {
      const end = endOf(making, link, standing.device, standing.view);
      if ('state' in end) absentees.push(end);
      else ready.push(end);
    }
  }
  const manner = mannerOf(making, place, ready);
  const taught = ready.filter((end) => {
    const untaught = manner === 'taught' ? untaughtOf(making, place, end) : null;
    if (untaught !== null) absentees.push(untaught);
    return untaught === null;
  });
  // A list that grew has room for sixteen more.
  const own = taught.map((end, at) => numbered(end, ends.length + at));
  for (const end of own) ends.push(end);
  const { key, label, bridge, below } = place;
  return { key, label, bridge, below, manner, ends: own, absent: absentees.length === 0 ? NOBODY : absentees };
}

const NOBODY: readonly Absent[] = [];

/** Written out: of objects that are spread into others each may get a description of its own, larger than the object. */
function numbered(end: Unnumbered, number: number): LocalEnd {
  const { link, ns, place, mac, device, port, address, mtuBytes, parent, meetsSiblings, impairments } = end;
  return { number, link, ns, place, mac, device, port, address, mtuBytes, parent, meetsSiblings, impairments };
}

/**
 * Where a bridge is taught, a frame to an end that it could not learn would leave the lab: from a port that forwards nothing, or in
 * another bridge. Such an end takes no part. null: it does.
 */
function untaughtOf({ membershipOf, unsettled }: Making, { bridge }: Place, { link, port }: Unnumbered): Absent | null {
  if (port === null) return null;
  const label = `its port ${port.link.ifname}`;
  const found = membershipOf(port);
  if (found?.bridge !== bridge) {
    const where = found === null ? 'no bridge' : `bridge ${found.bridge}`;
    const message = `${label} is in ${where}, not in ${bridge}`;
    return absent(link, {
      state: found === null ? 'nothing' : 'miswired',
      message,
      hint: `${verb('up')} puts it back`,
    });
  }
  if (isForwarding(port)) return null;
  if (port.link.up) unsettled.push(port);
  const message = `${label} is ${port.link.up ? 'without a carrier' : 'down'}`;
  return absent(link, { state: 'nothing', message, hint: `${verb('up')} puts it right` });
}

/** A bridge's port forwards once the kernel has noted its carrier (br_port_carrier_check). */
function isForwarding({ link }: Found): boolean {
  return link.up && (link.operstate === 'UP' || link.operstate === 'UNKNOWN');
}

type Unnumbered = Omit<LocalEnd, 'number'>;

/** Why no link of a domain is probed; null: they are. */
function untouched({ bridges, tunnelled }: Making, { bridge }: Place): string | null {
  const spec = bridges.get(bridge ?? '');
  if (spec === undefined) return null;
  if (spec.isExternal) return `bridge ${spec.name} is not of this lab, so a probe would leave it`;
  if (traitsOf(spec).isWire && tunnelled.has(spec.name))
    return 'its other end is a tunnel, whose far end is not of this lab';
  return null;
}

function endOf(making: Making, link: Link, device: LinkDump, view: NsView): Unnumbered | Absent {
  const mark = making.observed.byAlias.get(aliasOfLink(making.network.lab, link));
  const port = mark !== undefined && isPortGroup(mark.link.group) ? mark : null;
  const parent = placedParent(link);
  const reach = reachOf(link.spec);
  const address = reach === 'addresses' ? addressOf(link, device, view) : null;
  if (reach === 'addresses' && address === null) {
    return absent(link, { ...NOTHING_NAMED, message: 'it has no address, by which alone others reach it' });
  }
  return {
    link,
    ns: link.node.ns,
    place: placeKey(link.node.ns, link.dev),
    mac: device.mac,
    device,
    port,
    address,
    mtuBytes: link.spec.mtuBytes ?? device.mtuBytes,
    parent: parent === null ? null : placeKey(parent.ns, parent.dev),
    meetsSiblings: reach === 'siblings' || reach === 'addresses',
    impairments: impairmentsOf(making, link),
  };
}

/** The first of a link's addresses that its device has, without the length. */
function addressOf(link: Link, device: LinkDump, view: NsView): string | null {
  const there = new Set(view.addressesOf(device.ifindex).map(({ address }) => address));
  const found = link.addresses.find((address) => there.has(address));
  return found === undefined ? null : (found.split('/')[0] ?? null);
}

const NO_IMPAIRMENTS: readonly Netem[] = [];

function impairmentsOf(making: Making, link: Link): readonly Netem[] {
  const parent = placedParent(link);
  const carrier = parent === null ? undefined : making.byDevice.get(placeKey(parent.ns, parent.dev));
  const below = carrier === undefined || carrier === link ? NO_IMPAIRMENTS : impairmentsOf(making, carrier);
  return link.spec.netem === null ? below : [link.spec.netem, ...below];
}

function mannerOf({ bridges, membershipOf }: Making, { bridge }: Place, ends: readonly Unnumbered[]): Manner {
  const spec = bridges.get(bridge ?? '');
  if (spec === undefined) return 'exact';
  // A port of its node's own bridge, or of a bond: what comes in may go out elsewhere, or come back in a circle.
  const isBridged = ends.some(({ device }) => device.master !== 0);
  const isLeaky = ends.some(({ port }) => port !== null && membershipOf(port)?.isLeaky);
  if (!isBridged && !isLeaky) return 'free';
  return traitsOf(spec).isWire ? 'exact' : 'taught';
}
