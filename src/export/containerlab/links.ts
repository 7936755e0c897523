/** Writes links as containerlab has them (containerlab.dev/manual/topo-def-file, "Links"). */
import { type Entry, spanOf } from '../../config/config.ts';
import type { Notes } from '../../config/import/notes.ts';
import type { LinkConfig, TunnelConfig } from '../../config/schema.ts';
import { type End, endName, type Lan, listOf, type Tie } from '../lab.ts';
import { leaveLink, leaveMode } from '../left.ts';

/** The port of linkloom's own vxlan tunnels. */
const VXLAN_PORT = 8472;

/** Keys of a link that are written: addresses and routes by commands of the node. */
const HAS = new Set(['mac', 'mtu', 'ip', 'route']);
const HAS_ON_PARENT = new Set(['mac', 'ip', 'route', 'mode', 'base']);

/** Types of links that containerlab has, too, of those that join no bridge. */
const TYPES: Readonly<Record<string, 'alone' | 'on a parent'>> = { dummy: 'alone', macvlan: 'on a parent' };

/** Types of tunnels that a link can be tied to. */
const STITCHED = new Set<string>(['vxlan']);

type Part = Record<string, unknown>;

export interface LinkNames {
  /** The name of an end's node in the file. */
  readonly node: (end: End) => string;
  /** The name of a bridge's port on the host for an end. */
  readonly port: (end: End) => string;
  /** The name of a bridge in the file. */
  readonly bridge: (lan: Lan) => string;
}

export class Links {
  readonly written: Part[] = [];
  readonly #notes: Notes<'export'>;
  readonly #names: LinkNames;

  constructor(notes: Notes<'export'>, names: LinkNames) {
    this.#notes = notes;
    this.#names = names;
  }

  tie(tie: Tie): void {
    const { ends, labels, place } = tie;
    leaveMode(this.#notes, tie);
    for (const end of ends) leaveLink(this.#notes, end, HAS);
    const [a, b] = ends;
    const [first, second] = ends.map((end) => mtuOf(end.link));
    if (first !== second && first !== undefined && second !== undefined) {
      this.#notes.leftOut(`mtu ${second} of ${endName(b)}`, () => place('mtu'), `the wire has that of ${endName(a)}`);
    }
    const of = labels && Object.keys(labels).length > 0 ? { labels } : {};
    this.#veth([this.#end(a), this.#end(b)], { ...given('mtu', first ?? second), ...of });
  }

  lan(lan: Lan): void {
    const stitch = stitchOf(lan);
    if (stitch !== null) {
      this.#stitch(stitch.end, stitch.tunnel);
      return;
    }
    for (const end of lan.ends) {
      leaveLink(this.#notes, end, HAS);
      const port: WrittenEnd = { node: this.#names.bridge(lan), dev: this.#names.port(end), link: {} };
      this.#veth([this.#end(end), port], given('mtu', mtuOf(end.link)));
    }
    for (const tunnel of lan.tunnels) this.#leaveTunnel(tunnel, 'only a tunnel of one link can be');
  }

  single(end: End): void {
    const { type, 'outer-dev': parent, base } = end.link;
    const way = TYPES[type ?? ''];
    const endpoint = this.#endpoint(this.#end(end));
    const mtu = given('mtu', mtuOf(end.link));
    if (way === 'alone') {
      leaveLink(this.#notes, end, HAS);
      this.written.push({ type, endpoint, ...mtu });
    } else if (way === 'on a parent' && base !== 'local' && parent !== undefined) {
      leaveLink(this.#notes, end, HAS_ON_PARENT);
      this.written.push({ type, endpoint, 'host-interface': parent, ...given('mode', end.link.mode) });
    } else {
      this.#notes.leftOut(`the link ${endName(end)} of type ${String(type)}`, () => end.place());
    }
  }

  /** A tunnel of one link, whose port is tied to the tunnel. */
  #stitch(end: End, tunnel: Entry<TunnelConfig>): void {
    leaveLink(this.#notes, end, HAS);
    const { remote, vni, netem, impair } = tunnel.value;
    for (const [key, value] of Object.entries({ netem, impair })) {
      if (value !== undefined) this.#notes.leftOut(`${key} of a tunnel`, () => spanOf(tunnel, key));
    }
    const endpoint = this.#endpoint(this.#end(end));
    const where = { remote, vni, 'dst-port': VXLAN_PORT };
    this.written.push({ type: 'vxlan-stitch', endpoint, ...where, ...given('mtu', mtuOf(end.link)) });
  }

  #leaveTunnel(tunnel: Entry<TunnelConfig>, why: string): void {
    const { type, bridge } = tunnel.value;
    this.#notes.leftOut(`the ${type} tunnel of the bridge ${bridge}`, () => spanOf(tunnel), why);
  }

  #end(end: End): WrittenEnd {
    return { node: this.#names.node(end), dev: end.dev, link: end.link };
  }

  /** The short form, where it has words for all that is said. */
  #veth(ends: readonly [WrittenEnd, WrittenEnd], more: Part): void {
    if (ends.every(({ link }) => link.mac === undefined)) {
      const endpoints = ends.map(({ node, dev }) => `${node}:${dev}`);
      this.written.push({ endpoints, ...addressesOf(ends), ...more });
    } else {
      this.written.push({ type: 'veth', endpoints: ends.map((end) => this.#endpoint(end)), ...more });
    }
  }

  #endpoint({ node, dev, link }: WrittenEnd): Part {
    const [ipv4, ipv6] = firstOf(link);
    return { node, interface: dev, ...given('mac', link.mac), ...given('ipv4', ipv4), ...given('ipv6', ipv6) };
  }
}

interface WrittenEnd {
  readonly node: string;
  readonly dev: string;
  readonly link: LinkConfig;
}

/** The link and the tunnel of a bridge that joins these two; null if it is another. */
export function stitchOf({ ends, tunnels, config }: Lan): { end: End; tunnel: Entry<TunnelConfig> } | null {
  const [end, other] = ends;
  const [tunnel, more] = tunnels;
  if (end === undefined || tunnel === undefined || other !== undefined || more !== undefined) return null;
  return STITCHED.has(tunnel.value.type) && config.external !== true ? { end, tunnel } : null;
}

/** The lists of addresses of both ends, one of each family; an end without one has an empty text. */
function addressesOf(ends: readonly WrittenEnd[]): Part {
  const found = ends.map(({ link }) => firstOf(link));
  const lists = [0, 1].map((family) => found.map((ofEnd) => ofEnd[family] ?? ''));
  const [ipv4 = [], ipv6 = []] = lists.map((list) => (list.some((text) => text !== '') ? list : []));
  return { ...(ipv4.length > 0 ? { ipv4 } : {}), ...(ipv6.length > 0 ? { ipv6 } : {}) };
}

/** The first address of each family. All of them are set by commands. */
function firstOf({ ip }: LinkConfig): readonly [ipv4: string | undefined, ipv6: string | undefined] {
  const all = listOf(ip);
  return [all.find((prefix) => !prefix.includes(':')), all.find((prefix) => prefix.includes(':'))];
}

const mtuOf = ({ mtu }: LinkConfig): number | undefined => mtu;

function given(key: string, value: unknown): Part {
  return value === undefined ? {} : { [key]: value };
}
