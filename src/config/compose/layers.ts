/**
 * `compose/` reads compose files as compose does: variables, `extends`, `include`, profiles, and how a later file overrides an
 * earlier one. It reads only what linkloom needs: services by name, their profiles, and `x-network`. Source of the rules:
 * compose-spec (13-merge.md, 14-include.md, 15-profiles.md, 05-services.md), and compose-go where the specification is silent.
 *
 * This file: layers. Each document is one, and is laid on top of those before it.
 */
import { isMap, type Section } from '../extract.ts';
import type { Path } from '../text/parsed.ts';

/** One `x-network` section with the rank of its document. Sections count in the order of rank, which is conlink's order. */
export interface RankedSection extends Section {
  readonly rank: number;
}

export interface Service {
  readonly sections: readonly RankedSection[];
  /** If empty, the service is always part of the project. */
  readonly profiles: readonly string[];
}

/** What one document says, with all that it includes and extends; or several such documents together. */
export interface Layer {
  readonly top: readonly RankedSection[];
  readonly services: ReadonlyMap<string, Service>;
}

export const EMPTY: Layer = { top: [], services: new Map() };

/** Joins two layers. What a service has in both is joined, the lower layer first. A section that both have is kept once. */
export function onto(lower: Layer, upper: Layer): Layer {
  const services = new Map(lower.services);
  for (const [name, service] of upper.services) {
    const below = services.get(name);
    services.set(name, below === undefined ? service : joined(below, service));
  }
  return { top: union(lower.top, upper.top), services };
}

/** Joins two descriptions of one service, the lower one first. */
export function joined(lower: Service, upper: Service): Service {
  return {
    sections: union(lower.sections, upper.sections),
    profiles: union(lower.profiles, upper.profiles),
  };
}

function union<T>(lower: readonly T[], upper: readonly T[]): readonly T[] {
  return [...new Set([...lower, ...upper])];
}

/**
 * A layer without the values that a later document resets or overrides, at the paths `resets`. As with compose, a path into a list
 * removes nothing.
 */
export function withoutReset(layer: Layer, resets: readonly Path[]): Layer {
  if (resets.length === 0) return layer;
  let { top } = layer;
  const services = new Map(layer.services);
  for (const [first, name, ...below] of resets) {
    if (first === 'x-network') top = stripped(top, name === undefined ? [] : [name, ...below]);
    if (first !== 'services') continue;
    if (name === undefined) services.clear();
    const service = services.get(String(name));
    if (service === undefined) continue;
    const left = serviceWithout(service, below);
    if (left === null) services.delete(String(name));
    else services.set(String(name), left);
  }
  return { top, services };
}

function serviceWithout(service: Service, [key, ...below]: Path): Service | null {
  if (key === undefined) return null;
  if (key === 'profiles') return { ...service, profiles: [] };
  return key === 'x-network' ? { ...service, sections: stripped(service.sections, below) } : service;
}

function stripped(sections: readonly RankedSection[], path: Path): readonly RankedSection[] {
  return path.length === 0 ? [] : sections.map((section) => sectionWithout(section, path));
}

/** A section without what a later document resets or overrides. */
export function sectionWithout<S extends Section>(section: S, path: Path): S {
  return { ...section, value: without(section.value, path) };
}

/** A copy of a value without what the path leads to. Other parts are shared with the original. */
function without(value: unknown, [key, ...below]: Path): unknown {
  if (typeof key !== 'string' || !isMap(value) || !Object.hasOwn(value, key)) return value;
  const { [key]: inner, ...others } = value;
  return below.length === 0 ? others : { ...others, [key]: without(inner, below) };
}

/**
 * All sections in the order in which they count: document by document, and in each the top-level section before those of services.
 */
export function sectionsIn(layer: Layer): readonly Section[] {
  const all = [...layer.top, ...[...layer.services.values()].flatMap(({ sections }) => sections)];
  return all.toSorted((a, b) => a.rank - b.rank);
}

/** Entries of sections that are duplicates and are skipped, as `LIST/INDEX`. */
export type Duplicates = ReadonlyMap<Section, ReadonlySet<string>>;

/**
 * The entries that an earlier section of the same place has in exactly the same words: compose keeps only one. Where a place has
 * only one section, nothing is compared.
 */
export function duplicatesIn(layer: Layer): Duplicates {
  const duplicates = new Map<Section, ReadonlySet<string>>();
  for (const sections of [layer.top, ...[...layer.services.values()].map((service) => service.sections)]) {
    if (sections.length < 2) continue;
    const seen = new Set<string>();
    for (const section of sections) {
      const own = entriesOf(section.value);
      const known = own.filter(({ words }) => seen.has(words));
      if (known.length > 0) duplicates.set(section, new Set(known.map(({ place }) => place)));
      for (const { words } of own) seen.add(words);
    }
  }
  return duplicates;
}

function entriesOf(value: unknown): readonly { readonly place: string; readonly words: string }[] {
  return Object.entries(isMap(value) ? value : {}).flatMap(([list, items]) =>
    Array.isArray(items)
      ? items.map((item, index) => ({ place: `${list}/${index}`, words: `${list} ${canonical(item)}` }))
      : [],
  );
}

/** The value as JSON, with the keys of maps in alphabetical order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
