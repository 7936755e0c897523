/**
 * `spread/` is about one lab over several hosts: where each node is, which part of the lab each host has, and which numbers the
 * wires between hosts have. It is pure: a topology and a record become a part. Nothing here knows the store.
 *
 * This file: how a lab lies on its hosts, and which hosts each link is on.
 */
import { traitsOf } from '../kinds/bridge-modes.ts';
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import type { BridgeSpec, LinkSpec, Selector, Topology } from '../topology/topology.ts';

export type HostName = string;

/** `KIND/NAME` of a selector: `netns/alice`, `node/r1`, `service/web`, `container/db`. */
export type NodeKey = string;

export function nodeKey({ kind, name }: Pick<Selector, 'kind' | 'name'>): NodeKey {
  return `${kind}/${name}`;
}

/** Where the tunnels of other hosts reach a host. */
export interface HostAddress {
  /** In canonical form. */
  readonly address: string;
  /** The UDP port at which its tunnels listen; trunks have one of their own. */
  readonly port: number;
  /** Whether its wires go through a trunk where the other host has one too. Absent: each has a vxlan. */
  readonly trunk?: true;
}

/** How a lab lies on its hosts. */
export interface Spread {
  readonly hosts: Readonly<Record<HostName, HostAddress>>;
  /** The host of each node that linkloom places; of a container, the one that it was last claimed by. */
  readonly place: Readonly<Record<NodeKey, HostName>>;
  /** Hosts on which containers run now, by the selectors that they match. They count more than `place`. */
  readonly claims: ReadonlyMap<NodeKey, readonly HostName[]>;
  /** The VNI of each domain (`domainKey`) that has, or may get, ends on several hosts. */
  readonly vni: Readonly<Record<string, number>>;
}

/** Whether a node is where it runs, and is not placed: who runs it is none of linkloom's business. */
export function isClaimed({ kind }: Pick<Selector, 'kind'>): boolean {
  return kind === 'service' || kind === 'container';
}

/** Where a link is. `anywhere`: its container runs nowhere yet, so every host has the link, and makes it if the container starts there. */
export type Whereabouts = readonly HostName[] | 'anywhere';

/** One broadcast domain, and where its links are. */
export interface Domain {
  readonly bridge: BridgeSpec;
  readonly links: readonly LinkSpec[];
  /** Hosts that have a link of the domain, sorted, without those that wait for a container. */
  readonly hosts: readonly HostName[];
  /** Whether a link of it can come to be on another host by itself, since it is a container's. */
  readonly mayMove: boolean;
}

/** Answers where everything of a topology is. Made once for a topology and a spread; linear. */
export class Whereabout {
  readonly domains: ReadonlyMap<string, Domain>;
  readonly #spread: Spread;
  readonly #only: HostName | null;

  constructor(topology: Topology, spread: Spread) {
    this.#spread = spread;
    const names = Object.keys(spread.hosts);
    this.#only = names.length === 1 ? (names[0] ?? null) : null;
    const links = new Map<string, LinkSpec[]>();
    for (const link of topology.links) {
      const name = bridgeOf(link);
      if (name === null) continue;
      const known = links.get(name);
      if (known === undefined) links.set(name, [link]);
      else known.push(link);
    }
    this.domains = new Map(
      topology.bridges.map((bridge) => [bridge.name, this.#domain(bridge, links.get(bridge.name) ?? [])]),
    );
  }

  /** The hosts of a node. Empty: it is nowhere, which is a fault that `checkSpread` reports. Not for the host itself. */
  ofNode(selector: Selector): Whereabouts {
    const key = nodeKey(selector);
    const place = lookUp(this.#spread.place, key);
    if (!isClaimed(selector)) return place === undefined ? [] : [place];
    const claims = this.#spread.claims.get(key) ?? [];
    if (claims.length > 0) return claims;
    return place === undefined ? 'anywhere' : [place];
  }

  /** The hosts of a link. A link of the host itself is where all the others of its domain are. */
  ofLink(link: LinkSpec): Whereabouts {
    if (link.selector.kind !== 'host') return this.ofNode(link.selector);
    if (this.#only !== null) return [this.#only];
    const hosts = this.domains.get(bridgeOf(link) ?? '')?.hosts ?? [];
    return hosts.length === 1 ? hosts : [];
  }

  /** The hosts of a command. */
  ofCommand(selector: Selector): Whereabouts {
    if (selector.kind !== 'host') return this.ofNode(selector);
    return this.#only === null ? [] : [this.#only];
  }

  /** The one host that has what belongs to a domain as a whole, as a tunnel of the file. null: there is no host. */
  homeOf(bridge: string): HostName | null {
    const { links = [], hosts = [] } = this.domains.get(bridge) ?? {};
    for (const link of links) {
      const where = this.ofLink(link);
      if (where !== 'anywhere' && where[0] !== undefined) return where[0];
    }
    return hosts[0] ?? Object.keys(this.#spread.hosts).toSorted()[0] ?? null;
  }

  #domain(bridge: BridgeSpec, links: readonly LinkSpec[]): Domain {
    const hosts = new Set<HostName>();
    for (const { selector } of links) {
      const where = selector.kind === 'host' ? [] : this.ofNode(selector);
      if (where !== 'anywhere') for (const host of where) hosts.add(host);
    }
    const mayMove = links.some(
      ({ selector: { kind } }) => kind === 'service' || (kind === 'container' && links.length > 1),
    );
    return { bridge, links, hosts: [...hosts].sort(), mayMove };
  }
}

export function isAt(where: Whereabouts, host: HostName): boolean {
  return where === 'anywhere' || where.includes(host);
}

/** Whether a domain has ends on several hosts that linkloom ties together. A bridge of the host itself is tied by whoever made it. */
export function isCrossing({ bridge, hosts }: Domain): boolean {
  return hosts.length > 1 && !bridge.isExternal;
}

/**
 * What a domain is called in the record. A wire is called by its ends: the names of wires are numbers of lines, and the number of
 * another wire would take over its VNI while a host still has it.
 */
export function domainKey({ bridge, links }: Pick<Domain, 'bridge' | 'links'>): string {
  if (!traitsOf(bridge).isWire) return bridge.name;
  return links
    .map(({ selector, dev }) => `${nodeKey(selector)}:${dev}`)
    .sort()
    .join(' ');
}

/** The domains that need a VNI, in the order of the file. */
export function numbered(where: Whereabout): readonly string[] {
  return [...where.domains.values()]
    .filter((domain) => isCrossing(domain) || (domain.mayMove && !domain.bridge.isExternal))
    .map(domainKey);
}

/** The value of a key that may be any text, also one that all objects have. */
export function lookUp<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
