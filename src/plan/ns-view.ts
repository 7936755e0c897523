/**
 * One namespace's dump, with look-ups. A lab has thousands of namespaces with some ten devices each, and a table of each would take
 * as much memory as the dump itself. So few things are looked through, and a table is made only of many, when it is first asked.
 */

import { grouped } from '../grouped.ts';
import type { AddressDump, FarEnd, LinkDump, NsDump, OtherDump, RouteDump } from '../wire/seen.ts';

/** The dump of a namespace that exists. */
export type ThereDump = NsDump & { readonly inode: number };

/** The devices of a namespace by one of their properties, in the order of the dump. A Map is one too. */
export interface DeviceTable<K> extends Iterable<readonly [K, LinkDump]> {
  get(key: K): LinkDump | undefined;
  has(key: K): boolean;
  keys(): Iterable<K>;
}

export interface NsView {
  readonly dump: ThereDump;
  readonly byName: DeviceTable<string>;
  readonly byIndex: DeviceTable<number>;
  readonly addressesOf: (ifindex: number) => readonly AddressDump[];
  readonly routesOf: (ifindex: number) => readonly RouteDump[];
  /** The lab's rules of address translation: the number of rules for each comment. */
  readonly translations: ReadonlyMap<string, number>;
  /** Foreign addresses and routes. null: they were not observed. */
  readonly others: readonly OtherDump[] | null;
  /**
   * A veth's other end, in whichever namespace it is. null: the other end does not exist. undefined: it was not looked
   * for.
   */
  readonly farEndOf: (ifindex: number) => FarEnd | null | undefined;
}

/** How many things are looked through rather than kept in a table. */
const FEW = 24;

export function viewOf(dump: ThereDump): NsView {
  return new View(dump);
}

class View implements NsView {
  readonly dump: ThereDump;
  readonly byName: DeviceTable<string>;
  readonly byIndex: DeviceTable<number>;
  #addresses: Finder<AddressDump> | null = null;
  #routes: Finder<RouteDump> | null = null;
  #translations: ReadonlyMap<string, number> | null = null;

  constructor(dump: ThereDump) {
    this.dump = dump;
    this.byName = new Devices(dump.links, nameOf);
    this.byIndex = new Devices(dump.links, indexOf);
  }

  addressesOf(ifindex: number): readonly AddressDump[] {
    this.#addresses ??= finderOf(this.dump.addresses);
    return this.#addresses(ifindex);
  }

  routesOf(ifindex: number): readonly RouteDump[] {
    this.#routes ??= finderOf(this.dump.routes);
    return this.#routes(ifindex);
  }

  get translations(): ReadonlyMap<string, number> {
    const { translations } = this.dump;
    if (translations.length === 0) return NO_TRANSLATIONS;
    this.#translations ??= new Map(translations.map(({ comment, rules }) => [comment, rules]));
    return this.#translations;
  }

  get others(): readonly OtherDump[] | null {
    return this.dump.others ?? null;
  }

  farEndOf(ifindex: number): FarEnd | null | undefined {
    return this.dump.farEnds?.get(ifindex);
  }
}

const NO_TRANSLATIONS: ReadonlyMap<string, number> = new Map();
const NONE: readonly never[] = [];

const nameOf = ({ ifname }: LinkDump): string => ifname;
const indexOf = ({ ifindex }: LinkDump): number => ifindex;

class Devices<K> implements DeviceTable<K> {
  readonly #links: readonly LinkDump[];
  readonly #keyOf: (link: LinkDump) => K;
  #table: ReadonlyMap<K, LinkDump> | null = null;

  constructor(links: readonly LinkDump[], keyOf: (link: LinkDump) => K) {
    this.#links = links;
    this.#keyOf = keyOf;
  }

  get(key: K): LinkDump | undefined {
    if (this.#links.length > FEW) return this.#whole().get(key);
    for (const link of this.#links) if (this.#keyOf(link) === key) return link;
    return undefined;
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  keys(): Iterable<K> {
    return this.#links.map(this.#keyOf);
  }

  [Symbol.iterator](): Iterator<readonly [K, LinkDump]> {
    return this.#links.map((link) => [this.#keyOf(link), link] as const)[Symbol.iterator]();
  }

  #whole(): ReadonlyMap<K, LinkDump> {
    this.#table ??= new Map(this);
    return this.#table;
  }
}

type Finder<T> = (ifindex: number) => readonly T[];

/** Finds the things of a device. */
function finderOf<T extends { readonly ifindex: number | null }>(items: readonly T[]): Finder<T> {
  if (items.length === 0) return findNone;
  if (items.length <= FEW) return (ifindex) => items.filter((item) => item.ifindex === ifindex);
  const groups = grouped(items, (item) => item.ifindex);
  return (ifindex) => groups.get(ifindex) ?? NONE;
}

const findNone: Finder<never> = () => NONE;
