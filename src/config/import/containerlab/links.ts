/** Turns containerlab's links, short and long, into wires and links. */

import { isMap } from '../../extract.ts';
import { quote } from '../../text/excerpt.ts';
import type { Path } from '../../text/parsed.ts';
import type { Source } from '../../text/source.ts';
import { SetAddresses } from '../addresses.ts';
import type { End, ForeignLab } from '../foreign-lab.ts';
import type { Where } from '../notes.ts';

/** What an end's node is in the lab. */
export type Place =
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'host' }
  | { readonly kind: 'container'; readonly container: string }
  | { readonly kind: 'lan'; readonly bridge: string }
  | { readonly kind: 'none' };

/** The end of a macvlan on a device of the host. */
const MACVLAN = 'macvlan';
/** The bridge that stands for containerlab's management network. */
const MANAGEMENT = 'mgmt-net';
/** The port that a vxlan of containerlab has unless told otherwise (containerlab.dev/manual/links), and the one here. */
const VXLAN_PORTS = { containerlab: 14_789, here: 8472 };

/** Why labels of other links are left out. */
const ONLY_WIRES = 'only wires have labels';

interface WrittenEnd {
  readonly node: string;
  readonly dev: string;
  readonly mac: string | undefined;
  readonly ip: readonly string[];
}

interface WrittenLink {
  readonly link: Record<string, unknown>;
  readonly ends: readonly WrittenEnd[];
  readonly where: Where;
}

/** Adds every link of the file to the lab. `places` tells what each of its nodes has become. */
export class Links {
  readonly #lab: ForeignLab;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #source: Source;
  readonly #addresses: SetAddresses;

  /** Whether nothing of the host is to be needed (`--as netns`). */
  readonly #isAlone: boolean;

  constructor(lab: ForeignLab, places: ReadonlyMap<string, Place>, source: Source, isAlone: boolean) {
    this.#lab = lab;
    this.#places = places;
    this.#source = source;
    this.#addresses = new SetAddresses(lab);
    this.#isAlone = isAlone;
  }

  /** Adds every link of a list. */
  all(list: readonly unknown[], path: Path): void {
    for (const [at, link] of list.entries()) this.#add(link, [...path, at]);
    this.#addresses.settle();
  }

  #add(written: unknown, path: Path): void {
    const where = () => this.#source.locate(path);
    if (!isMap(written)) {
      this.#lab.notes.leftOut('a link that is no map', where);
      return;
    }
    const ends = endsOf(written);
    if (ends === null) {
      this.#lab.notes.leftOut('a link without ends', where);
      return;
    }
    for (const key of Object.keys(written)) {
      if (!KNOWN.has(key))
        this.#lab.notes.leftOut(`${key} of a link`, () => this.#source.locate([...path, key], 'key'));
    }
    const isWire = !['dummy', 'macvlan', 'vxlan', 'vxlan-stitch', 'mgmt-net'].includes(String(written['type']));
    if (written['labels'] !== undefined && !isWire) {
      this.#lab.notes.leftOut('labels of a link', () => this.#source.locate([...path, 'labels'], 'key'), ONLY_WIRES);
    }
    this.#ofType({ link: written, ends, where });
  }

  #ofType({ link, ends, where }: WrittenLink): void {
    const type = typeof link['type'] === 'string' ? link['type'] : 'veth';
    const [first, second] = ends;
    if (first === undefined) return;
    const way = TYPES.get(type);
    if (way === undefined)
      this.#lab.notes.leftOut(`a link of type ${quote(type)}`, where, 'linkloom has none of this type');
    else if (way === 'tunnel') this.#tunnel(first, link, where);
    else if (way === 'alone') this.#single(first, { type }, link, where);
    else if (way === 'special') this.#tie(first, this.#other(type, link), link, where);
    else if (second === undefined) this.#lab.notes.leftOut('a link with one end', where);
    else this.#tie(first, second, link, where);
  }

  #other(node: string, link: Record<string, unknown>): WrittenEnd {
    return { node, dev: String(link['host-interface'] ?? ''), mac: undefined, ip: [] };
  }

  #tie(a: WrittenEnd, b: WrittenEnd, link: Record<string, unknown>, where: Where): void {
    if (isSpecial(a.node, this.#places) && !isSpecial(b.node, this.#places)) {
      this.#tie(b, a, link, where);
      return;
    }
    if (b.node === MACVLAN) {
      this.#onParent(a, b.dev, link, where);
      return;
    }
    const places = [this.#placeOf(a, where), this.#placeOf(b, where)] as const;
    const [of, other] = places;
    if (of === null || other === null) return;
    if (of.kind === 'lan' || other.kind === 'lan') {
      for (const [end, place, far] of [
        [a, of, other],
        [b, other, of],
      ] as const) {
        if (place.kind === 'lan') continue;
        if (far.kind === 'lan') this.#onBridge(end, place, far.bridge, link, where);
      }
      if (of.kind === other.kind) this.#lab.notes.leftOut('a link between two bridges', where);
      return;
    }
    this.#wire(a, of, b, other, link, where);
  }

  /** A macvlan on a device of the host; or a bridge of the lab's own, where nothing of the host is to be needed. */
  #onParent(end: WrittenEnd, parent: string, link: Record<string, unknown>, where: Where): void {
    if (!this.#isAlone) {
      this.#single(end, { type: MACVLAN, 'outer-dev': parent, ...modeOf(link) }, link, where);
      return;
    }
    const place = this.#placeOf(end, where);
    if (place === null) return;
    const bridge = this.#lab.names.device('bridges', parent, where);
    this.#lab.addBridge({ bridge }, where);
    const what = `a bridge of the lab's own stands for the host's ${quote(parent)}, the parent of macvlan links`;
    this.#lab.notes.add('import-stood-in', what, where);
    this.#onBridge(end, place, bridge, link, where);
  }

  #wire(a: WrittenEnd, of: Place, b: WrittenEnd, other: Place, link: Record<string, unknown>, where: Where): void {
    const ends = [this.#end(a, of, where), this.#end(b, other, where)] as const;
    const [first, second] = ends;
    if (first === null || second === null) return;
    this.#lab.addWire(first, second, { mtu: mtuOf(link), labels: labelsOf(link) }, where);
  }

  /** An end as a wire has it; a container of someone else's is written `container/NAME`. */
  #end({ dev, mac, ip }: WrittenEnd, place: Place, where: Where): End | null {
    if (place.kind === 'none' || place.kind === 'lan') return null;
    const node = place.kind === 'node' ? place.node : place.kind === 'host' ? 'host' : `container/${place.container}`;
    const name = this.#lab.names.device(node, dev, where);
    const addresses = this.#addresses.of(node, name, ip);
    return { node, dev: name, mac, ip: addresses.length === 0 ? undefined : addresses };
  }

  #onBridge(end: WrittenEnd, place: Place, bridge: string, link: Record<string, unknown>, where: Where): void {
    const made = this.#end(end, place, where);
    if (made === null) return;
    if (link['type'] !== MANAGEMENT && labelsOf(link) !== undefined)
      this.#lab.notes.leftOut('labels of a link', where, ONLY_WIRES);
    this.#lab.addLink(made, { bridge, mtu: mtuOf(link) }, where);
  }

  #single(end: WrittenEnd, more: Record<string, unknown>, link: Record<string, unknown>, where: Where): void {
    const place = this.#placeOf(end, where);
    const made = place === null ? null : this.#end(end, place, where);
    if (made !== null) this.#lab.addLink(made, { ...more, mtu: mtuOf(link) }, where);
  }

  #tunnel(end: WrittenEnd, link: Record<string, unknown>, where: Where): void {
    const place = this.#placeOf(end, where);
    const made = place === null ? null : this.#end(end, place, where);
    const remote = link['remote'];
    const vni = Number(link['vni']);
    if (made === null) return;
    if (typeof remote !== 'string' || !Number.isInteger(vni)) {
      this.#lab.notes.leftOut('a vxlan link without remote and vni', where);
      return;
    }
    const bridge = `${made.node}:${made.dev}`;
    this.#lab.addBridge({ bridge, mode: 'patch' }, where);
    this.#lab.addLink(made, { bridge, mtu: mtuOf(link) }, where);
    this.#lab.addTunnel({ type: 'vxlan', bridge, remote, vni }, where);
    const port = Number(link['dst-port'] ?? link['udp-port'] ?? VXLAN_PORTS.containerlab);
    if (port !== VXLAN_PORTS.here) {
      this.#lab.notes.leftOut(
        `the UDP port ${port} of a vxlan link`,
        where,
        `linkloom's tunnels use ${VXLAN_PORTS.here}`,
      );
    }
  }

  #placeOf({ node }: WrittenEnd, where: Where): Place | null {
    if (node === 'host') return { kind: 'host' };
    if (node === MANAGEMENT) {
      this.#lab.addBridge({ bridge: MANAGEMENT }, where);
      this.#lab.notes.add(
        'import-stood-in',
        `a bridge of the lab's own, ${MANAGEMENT}, stands for the management network`,
        where,
      );
      return { kind: 'lan', bridge: MANAGEMENT };
    }
    const place = this.#places.get(node);
    if (place === undefined) {
      this.#lab.notes.add('import-refused', `${quote(node)} is an end of a link and no node of the file`, where);
      return null;
    }
    if (place.kind !== 'none') return place;
    this.#lab.notes.leftOut(`a link of ${node}`, where, 'the node itself is not');
    return null;
  }
}

/** What a type of link is: a wire of two ends, an end at something special, a device without another end, or a tunnel. */
const TYPES: ReadonlyMap<string, 'wire' | 'special' | 'alone' | 'tunnel'> = new Map([
  ['veth', 'wire'],
  ['veth-stitch', 'wire'],
  ['host', 'special'],
  ['mgmt-net', 'special'],
  ['macvlan', 'special'],
  ['dummy', 'alone'],
  ['vxlan', 'tunnel'],
  ['vxlan-stitch', 'tunnel'],
]);
/** Keys of a link that this file reads. */
const KNOWN = new Set(
  'type endpoints endpoint mtu labels host-interface mode remote vni dst-port udp-port ipv4 ipv6'.split(' '),
);

/** Ends that are no nodes; a long link names them by its type. */
const SPECIAL = new Set(['host', MANAGEMENT, MACVLAN]);
const isSpecial = (node: string, places: ReadonlyMap<string, Place>): boolean => SPECIAL.has(node) && !places.has(node);

function endsOf(link: Record<string, unknown>): readonly WrittenEnd[] | null {
  const written = Array.isArray(link['endpoints']) ? link['endpoints'] : [link['endpoint']];
  const ends = written.map((end, at) => endOf(end, [itemAt(link['ipv4'], at), itemAt(link['ipv6'], at)]));
  return ends.some((end) => end === null) ? null : (ends as WrittenEnd[]);
}

const itemAt = (value: unknown, at: number): unknown => (Array.isArray(value) ? value[at] : undefined);

function endOf(written: unknown, addresses: readonly unknown[]): WrittenEnd | null {
  const ip = (values: readonly unknown[]): string[] =>
    values.filter((value) => typeof value === 'string' && value !== '') as string[];
  if (typeof written === 'string') {
    const at = written.indexOf(':');
    if (at < 1) return null;
    return { node: written.slice(0, at), dev: written.slice(at + 1), mac: undefined, ip: ip(addresses) };
  }
  if (!isMap(written) || typeof written['node'] !== 'string') return null;
  const { node, interface: dev, mac, ipv4, ipv6 } = written;
  return {
    node,
    dev: String(dev ?? ''),
    mac: typeof mac === 'string' ? mac : undefined,
    ip: ip([ipv4, ipv6, ...addresses]),
  };
}

function mtuOf(link: Record<string, unknown>): number | undefined {
  const mtu = Number(link['mtu']);
  return Number.isInteger(mtu) && mtu > 0 ? mtu : undefined;
}

function labelsOf(link: Record<string, unknown>): Record<string, string> | undefined {
  if (!isMap(link['labels'])) return undefined;
  return Object.fromEntries(Object.entries(link['labels']).map(([key, value]) => [key, String(value)]));
}

function modeOf(link: Record<string, unknown>): { mode?: string } {
  return typeof link['mode'] === 'string' && link['mode'] !== '' ? { mode: link['mode'] } : {};
}
