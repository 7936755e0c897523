/** The links that can be set by hand, and their ends as observed: of a configuration, or by their marks alone. */

import { traitsOf } from '../../kinds/bridge-modes.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import { aliasOf, groupOf, isPortGroup, linkOfMark, ROLE } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import { namesOfLink, namesOfPending } from '../../topology/links.ts';
import type { Link, Network } from '../../topology/topology.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Observed } from '../observed.ts';
import { Ownership } from '../ownership.ts';
import { type ContainerNames, marked } from '../status/by-marks.ts';
import type { LinkStatus } from '../status/status.ts';
import { aliasOfLink } from '../switch/placement.ts';
import { type ConfiguredEnd, configuredOf } from './describe.ts';

/** One device that can be set by hand. */
export interface SettableEnd {
  /** `NODE:DEV` of its link. */
  readonly link: string;
  readonly end: 'node' | 'port';
  readonly ns: NsId;
  readonly device: LinkDump;
  /** The name of the wire, which both its ends have. By marks alone: as far as these tell which end belongs to which. */
  readonly wire: string;
  /** The device's mark without the word of what was set by hand. */
  readonly mark: string;
  /** Whether the device has the mark in any case. A node end with a port has it only while something of it is set by hand. */
  readonly isMarkedAnyway: boolean;
  /** null: not known. */
  readonly configured: ConfiguredEnd | null;
}

/** A link by all names that it is known by. */
export interface SettableLink {
  /** `NODE:DEV`. */
  readonly id: string;
  /** `NODE:DEV` with each name of the node. */
  readonly names: readonly string[];
  /** null: it has no bridge, or that is not known. */
  readonly bridge: string | null;
  /** null: its device is not there, or not of this lab. */
  readonly node: SettableEnd | null;
  /** The other end, which `--both` also sets: the link's port, or the other node's device. null: it has none. */
  readonly other: SettableEnd | null;
  /** Why there is nothing to set, for people. null: there is. */
  readonly lacks: string | null;
}

/** The links of a network, those of nodes that do not run included. */
export function settableLinks(network: Network, observed: Observed): readonly SettableLink[] {
  const ends = new EndsOfNetwork(network, observed);
  const there: SettableLink[] = network.links.map((link) => new LinkOfNetwork(link, ends));
  const missing = network.pending.flatMap(({ selector, links }) =>
    links.map((spec): SettableLink => {
      const id = `${selector.name}:${spec.dev}`;
      const lacks = `is not there, as ${selector.kind} ${selector.name} does not run`;
      return { id, names: namesOfPending(selector, spec.dev), bridge: bridgeOf(spec), node: null, other: null, lacks };
    }),
  );
  return missing.length === 0 ? there : [...there, ...missing];
}

/** Finds out what it is asked for, each time: the ends of a hundred thousand links would take as much memory as the links. */
class LinkOfNetwork implements SettableLink {
  readonly #link: Link;
  readonly #ends: EndsOfNetwork;

  constructor(link: Link, ends: EndsOfNetwork) {
    this.#link = link;
    this.#ends = ends;
  }

  get id(): string {
    return this.#link.id;
  }

  get names(): readonly string[] {
    return namesOfLink(this.#link);
  }

  get bridge(): string | null {
    return bridgeOf(this.#link.spec);
  }

  get node(): SettableEnd | null {
    return this.#ends.node(this.#link);
  }

  get other(): SettableEnd | null {
    return this.#ends.other(this.#link);
  }

  get lacks(): string | null {
    return this.#ends.hasNode(this.#link) ? null : 'is not there';
  }
}

class EndsOfNetwork {
  readonly #network: Network;
  readonly #observed: Observed;
  readonly #ownership: Ownership;
  /** The two links of each wire without ports, by its bridge. */
  readonly #direct = new Map<string, readonly [Link, Link | null]>();

  constructor(network: Network, observed: Observed) {
    this.#network = network;
    this.#observed = observed;
    this.#ownership = ownershipOf(network.lab, observed);
    const bridges = new Map(network.bridges.map((bridge) => [bridge.name, bridge]));
    for (const link of network.links) {
      const bridge = bridgeOf(link.spec);
      if (bridge === null || traitsOf(bridges.get(bridge))?.hasPorts !== false) continue;
      const first = this.#direct.get(bridge);
      this.#direct.set(bridge, first === undefined ? [link, null] : [first[0], first[1] ?? link]);
    }
  }

  hasNode(link: Link): boolean {
    return this.#deviceOf(link) !== null;
  }

  node(link: Link): SettableEnd | null {
    const device = this.#deviceOf(link);
    if (device === null) return null;
    const isMarkedAnyway = this.#isDirect(link) || !('outerDev' in link);
    const mark = this.#markOf(link);
    return {
      link: link.id,
      wire: wireOf(link.id, this.#partnerOf(link)?.id),
      end: 'node',
      ns: link.node.ns,
      device,
      mark,
      isMarkedAnyway,
      configured: configuredOf(link, 'node'),
    };
  }

  other(link: Link): SettableEnd | null {
    const partner = this.#partnerOf(link);
    if (partner !== null) return this.node(partner);
    const mark = this.#markOf(link);
    const found = this.#observed.byAlias.get(mark);
    if (found === undefined || !isPortGroup(found.link.group)) return null;
    const [{ ns, link: device }, configured] = [found, configuredOf(link, 'port')];
    return { link: link.id, wire: link.id, end: 'port', ns, device, mark, isMarkedAnyway: true, configured };
  }

  #deviceOf({ node: { ns }, dev }: Link): LinkDump | null {
    const device = this.#observed.namespaces.get(ns)?.byName.get(dev);
    return device !== undefined && this.#ownership.owns(ns, device) ? device : null;
  }

  #markOf(link: Link): string {
    return aliasOfLink(this.#network.lab, link);
  }

  #isDirect(link: Link): boolean {
    return this.#direct.has(bridgeOf(link.spec) ?? '');
  }

  #partnerOf(link: Link): Link | null {
    const [first = null, second = null] = this.#direct.get(bridgeOf(link.spec) ?? '') ?? [];
    return first === link ? second : first;
  }
}

/** A wire without ports is named after that link of its two whose name comes first. */
function wireOf(link: string, partner = link): string {
  return partner < link ? partner : link;
}

function ownershipOf(lab: string, { namespaces }: Observed): Ownership {
  return new Ownership(
    lab,
    [...namespaces.values()].map(({ dump }) => dump),
  );
}

/**
 * The links of a lab that carry its marks. What is configured of them is not known. Whoever sets other ends, too, has observed the far ends of
 * devices: numbers may tell nothing, as each namespace counts by itself.
 */
export function settableByMarks(lab: string, observed: Observed, names: ContainerNames): readonly SettableLink[] {
  const ownership = ownershipOf(lab, observed);
  const found = marked(lab, observed, new Set(), names);
  const byLink = new Map(found.map((status) => [status.link, status]));
  const devices = new Map<string, LinkStatus[]>();
  for (const status of found) {
    if (status.observed === null || status.port !== null) continue;
    const key = `${status.observed.ifindex} ${status.observed.peerIndex}`;
    devices.set(key, [...(devices.get(key) ?? []), status]);
  }
  /** The other end of a wire without ports: what the kernel was asked, else what its numbers tell, if they do. */
  const partnerOf = ({ ns, port, observed: device }: LinkStatus): LinkStatus | undefined => {
    if (port !== null || device === null || device.group !== groupOf(lab, ROLE.nodeEnd)) return undefined;
    const far = observed.namespaces.get(ns)?.farEndOf(device.ifindex);
    if (far !== undefined) return byLink.get(linkOfMark(far?.alias ?? '') ?? '');
    const [partner, second] = devices.get(`${device.peerIndex} ${device.ifindex}`) ?? [];
    return second === undefined ? partner : undefined;
  };
  const endOf = (status: LinkStatus): SettableEnd | null => {
    const { link, ns, dev, observed: device, port } = status;
    if (device === null || device.ifname !== dev || !ownership.owns(ns, device)) return null;
    const mark = aliasOf(lab, link.slice(0, -dev.length - 1), dev);
    const wire = wireOf(link, partnerOf(status)?.link);
    return { link, wire, end: 'node', ns, device, mark, isMarkedAnyway: port === null, configured: null };
  };
  const otherOf = (status: LinkStatus): SettableEnd | null => {
    const { link, port } = status;
    if (port !== null) {
      const there = observed.namespaces.get(port.ns)?.byName.get(port.dev);
      if (there === undefined) return null;
      const place = { ns: port.ns, device: there } as const;
      return { link, wire: link, end: 'port', ...place, mark: '', isMarkedAnyway: true, configured: null };
    }
    const partner = partnerOf(status);
    return partner === undefined ? null : endOf(partner);
  };
  return found.map((status) => {
    const node = endOf(status);
    const lacks = node === null ? 'is not found in its node' : null;
    const { link: id, bridge } = status;
    return { id, names: [id], bridge, node, other: otherOf(status), lacks };
  });
}
