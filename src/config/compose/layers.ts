/**
 * `compose/` reads compose files as compose does: variables, `extends`, `include`, profiles, and what a later file puts in the
 * place of an earlier one's. It looks at nothing but what linkloom has to know: services by name, their profiles, and `x-network`.
 * Source of the rules: compose-spec (13-merge.md, 14-include.md, 15-profiles.md, 05-services.md), and compose-go where that is silent.
 *
 * This file: layers, of which each file, or document of one, lays one upon those before.
 */
import { isMap, type Section } from '../extract.ts';
import type { Path } from '../text/parsed.ts';

/** One `x-network`, and by which document it came: sections count in that order, which is conlink's. */
export interface RankedSection extends Section {
  readonly rank: number;
}

export interface Service {
  readonly sections: readonly RankedSection[];
  /** None: always part of the project. */
  readonly profiles: readonly string[];
}

/** What one document says with all that it includes and extends, or several of them together. */
export interface Layer {
  readonly top: readonly RankedSection[];
  readonly services: ReadonlyMap<string, Service>;
}

export const EMPTY: Layer = { top: [], services: new Map() };

/** Two layers: what a service has in both is joined, the lower one first. A section that is in both is there once. */
export function onto(lower: Layer, upper: Layer): Layer {
  const services = new Map(lower.services);
  for (const [name, service] of upper.services) {
    const below = services.get(name);
    services.set(name, below === undefined ? service : joined(below, service));
  }
  return { top: union(lower.top, upper.top), services };
}

/** One service described twice, the lower one first. */
export function joined(lower: Service, upper: Service): Service {
  return {
    sections: union(lower.sections, upper.sections),
    profiles: union(lower.profiles, upper.profiles),
  };
}

function union<T>(lower: readonly T[], upper: readonly T[]): readonly T[] {
  return [...new Set([...lower, ...upper])];
}

/** A layer without what stands at the places that a later document resets or overrides. A place in a list takes nothing away, as with compose. */
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

/** A copy of a value without what a path leads to. Other parts are shared. */
function without(value: unknown, [key, ...below]: Path): unknown {
  if (typeof key !== 'string' || !isMap(value) || !Object.hasOwn(value, key)) return value;
  const { [key]: inner, ...others } = value;
  return below.length === 0 ? others : { ...others, [key]: without(inner, below) };
}

/** All sections in the order in which they count: document by document, in each the top before the services. */
export function sectionsIn(layer: Layer): readonly Section[] {
  const all = [...layer.top, ...[...layer.services.values()].flatMap(({ sections }) => sections)];
  return all.toSorted((a, b) => a.rank - b.rank);
}

/** Entries of sections that are not to be taken, as `LIST/INDEX`. */
export type Twins = ReadonlyMap<Section, ReadonlySet<string>>;

/**
 * Entries that a place has already from a section before, in exactly these words, for compose keeps one of such twins.
 * Where a place has one section only, nothing is compared.
 */
export function twinsIn(layer: Layer): Twins {
  const twins = new Map<Section, ReadonlySet<string>>();
  for (const sections of [layer.top, ...[...layer.services.values()].map((service) => service.sections)]) {
    if (sections.length < 2) continue;
    const seen = new Set<string>();
    for (const section of sections) {
      const own = entriesOf(section.value);
      const known = own.filter(({ words }) => seen.has(words));
      if (known.length > 0) twins.set(section, new Set(known.map(({ place }) => place)));
      for (const { words } of own) seen.add(words);
    }
  }
  return twins;
}

function entriesOf(value: unknown): readonly { readonly place: string; readonly words: string }[] {
  return Object.entries(isMap(value) ? value : {}).flatMap(([list, items]) =>
    Array.isArray(items)
      ? items.map((item, index) => ({ place: `${list}/${index}`, words: `${list} ${canonical(item)}` }))
      : [],
  );
}

/** JSON with the keys of maps in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
