/** The links that can be set by hand, and their ends as observed: of a configuration, or by their marks alone. */

import { traitsOf } from '../../kinds/bridge-modes.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import { aliasOf, groupOf, isPortGroup, ROLE } from '../../net/mark.ts';
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
  const there = network.links.map((link): SettableLink => {
    const node = ends.node(link);
    const lacks = node === null ? 'is not there' : null;
    return { id: link.id, names: namesOfLink(link), bridge: bridgeOf(link.spec), node, other: ends.other(link), lacks };
  });
  const missing = network.pending.flatMap(({ selector, links }) =>
    links.map((spec): SettableLink => {
      const id = `${selector.name}:${spec.dev}`;
      const lacks = `is not there, as ${selector.kind} ${selector.name} does not run`;
      return { id, names: namesOfPending(selector, spec.dev), bridge: bridgeOf(spec), node: null, other: null, lacks };
    }),
  );
  return [...there, ...missing];
}

class EndsOfNetwork {
  readonly #network: Network;
  readonly #observed: Observed;
  readonly #ownership: Ownership;
  /** Links of wires without ports, by their bridge. */
  readonly #direct = new Map<string, Link[]>();

  constructor(network: Network, observed: Observed) {
    this.#network = network;
    this.#observed = observed;
    this.#ownership = ownershipOf(network.lab, observed);
    const bridges = new Map(network.bridges.map((bridge) => [bridge.name, bridge]));
    for (const link of network.links) {
      const bridge = bridgeOf(link.spec);
      if (bridge === null || traitsOf(bridges.get(bridge))?.hasPorts !== false) continue;
      this.#direct.set(bridge, [...(this.#direct.get(bridge) ?? []), link]);
    }
  }

  node(link: Link): SettableEnd | null {
    const { ns } = link.node;
    const device = this.#observed.namespaces.get(ns)?.byName.get(link.dev);
    if (device === undefined || !this.#ownership.owns(ns, device)) return null;
    const isMarkedAnyway = this.#isDirect(link) || !('outerDev' in link);
    const configured = configuredOf(link, 'node');
    return { ...this.#marked(link), end: 'node', ns, device, isMarkedAnyway, configured };
  }

  other(link: Link): SettableEnd | null {
    const partner = this.#partnerOf(link);
    if (partner !== undefined) return this.node(partner);
    const found = this.#observed.byAlias.get(aliasOfLink(this.#network.lab, link));
    if (found === undefined || !isPortGroup(found.link.group)) return null;
    const [{ ns, link: device }, configured] = [found, configuredOf(link, 'port')];
    return { ...this.#marked(link), end: 'port', ns, device, isMarkedAnyway: true, configured };
  }

  #marked(link: Link): Pick<SettableEnd, 'link' | 'mark'> {
    return { link: link.id, mark: aliasOfLink(this.#network.lab, link) };
  }

  #isDirect(link: Link): boolean {
    return this.#direct.has(bridgeOf(link.spec) ?? '');
  }

  #partnerOf(link: Link): Link | undefined {
    return this.#direct.get(bridgeOf(link.spec) ?? '')?.find((one) => one !== link);
  }
}

function ownershipOf(lab: string, { namespaces }: Observed): Ownership {
  return new Ownership(
    lab,
    [...namespaces.values()].map(({ dump }) => dump),
  );
}

/** The links of a lab that carry its marks. What is configured of them is not known. */
export function settableByMarks(lab: string, observed: Observed, names: ContainerNames): readonly SettableLink[] {
  const ownership = ownershipOf(lab, observed);
  const found = marked(lab, observed, new Set(), names);
  const devices = new Map<string, LinkStatus[]>();
  for (const status of found) {
    if (status.observed === null || status.port !== null) continue;
    const key = `${status.observed.ifindex} ${status.observed.peerIndex}`;
    devices.set(key, [...(devices.get(key) ?? []), status]);
  }
  const endOf = (status: LinkStatus): SettableEnd | null => {
    const { link, ns, dev, observed: device, port } = status;
    if (device === null || device.ifname !== dev || !ownership.owns(ns, device)) return null;
    const mark = aliasOf(lab, link.slice(0, -dev.length - 1), dev);
    return { link, end: 'node', ns, device, mark, isMarkedAnyway: port === null, configured: null };
  };
  const otherOf = (status: LinkStatus): SettableEnd | null => {
    const { link, port, observed: device } = status;
    if (port !== null) {
      const there = observed.namespaces.get(port.ns)?.byName.get(port.dev);
      if (there === undefined) return null;
      return { link, end: 'port', ns: port.ns, device: there, mark: '', isMarkedAnyway: true, configured: null };
    }
    if (device === null || device.group !== groupOf(lab, ROLE.nodeEnd)) return null;
    const [other, second] = devices.get(`${device.peerIndex} ${device.ifindex}`) ?? [];
    return other === undefined || second !== undefined ? null : endOf(other);
  };
  return found.map((status) => {
    const node = endOf(status);
    const lacks = node === null ? 'is not found in its node' : null;
    const { link: id, bridge } = status;
    return { id, names: [id], bridge, node, other: otherOf(status), lacks };
  });
}
