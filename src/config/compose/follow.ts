/** Turns one compose document into a layer: its own sections, with what it includes and extends. */
import { dirname, resolve } from 'node:path';
import type { Span } from '../../errors.ts';
import { type Diagnostics, didYouMean } from '../diagnose.ts';
import { type Interpolation, interpolateSection, isMap } from '../extract.ts';
import type { Reader } from '../read.ts';
import { quote } from '../text/excerpt.ts';
import type { Lookup } from '../text/interpolate.ts';
import type { Path } from '../text/parsed.ts';
import type { Source } from '../text/source.ts';
import { EMPTY, joined, type Layer, type RankedSection, type Service, withoutReset } from './layers.ts';

/** The context in which a document is read. Included files have a folder and variables of their own. */
export interface Following {
  readonly reader: Reader;
  readonly diagnostics: Diagnostics;
  readonly interpolation: Interpolation;
  /** The project's folder, absolute. Paths in a document are relative to it. */
  readonly folder: string;
  /** How many documents have been read; the rank of the next one. */
  readonly rank: { next: number };
  /** The extended files that have been read, by their variables and their path. */
  readonly extended: Map<Lookup, Map<string, readonly Raw[]>>;
}

/** The services of one document, before their `extends` are followed. */
interface Raw {
  readonly source: Source;
  readonly services: Readonly<Record<string, unknown>>;
  /** The services that the document includes, which its own override. */
  readonly below: ReadonlyMap<string, Service>;
  readonly rank: number;
  readonly following: Following;
}

/** The services from one to the base that it extends, as `FILE service NAME`, so that a circle is noticed. */
type Trail = readonly string[];

/** The layer of a document. `included` is the layer of what it includes. */
export async function layerOf(source: Source, included: Layer, following: Following): Promise<Layer> {
  const { value } = source;
  if (!isMap(value)) return included;
  const rank = following.rank.next++;
  const raw = rawOf(source, included.services, rank, following);
  const own = sectionsAt(raw, value, [], null);
  const services = new Map(included.services);
  for (const name of Object.keys(raw.services)) services.set(name, await serviceOf(raw, name, []));
  return { top: [...included.top, ...own], services };
}

function rawOf(source: Source, below: ReadonlyMap<string, Service>, rank: number, following: Following): Raw {
  const services = isMap(source.value) ? (source.value['services'] ?? {}) : {};
  const fault = (path: Path, wanted = 'map'): void =>
    following.diagnostics.add('compose-value-type', `${path.join('.')} must be a ${wanted}`, {
      where: () => source.locate(path),
    });
  if (!isMap(services)) fault(['services']);
  const all = isMap(services) ? services : {};
  for (const [name, service] of Object.entries(all)) {
    if (!isMap(service) && service !== null && service !== undefined) fault(['services', name]);
    const profiles = isMap(service) ? (service['profiles'] ?? []) : [];
    if (!Array.isArray(profiles)) fault(['services', name, 'profiles'], 'list');
  }
  return { source, services: all, below, rank, following };
}

/** The `x-network` section of a map, with its variables filled in; none if the map has none. */
function sectionsAt(raw: Raw, holder: Record<string, unknown>, path: Path, service: string | null): RankedSection[] {
  if (!Object.hasOwn(holder, 'x-network') || holder['x-network'] === null) return [];
  const value = filled(raw, holder, 'x-network', path);
  return [{ source: raw.source, path: [...path, 'x-network'], value, service, rank: raw.rank }];
}

/** The value of a key, with its variables filled in. This is done once, in place. */
function filled({ source, following }: Raw, holder: Record<string, unknown>, key: string, path: Path): unknown {
  const known = done.get(holder) ?? new Set<string>();
  done.set(holder, known);
  if (known.has(key)) return holder[key];
  known.add(key);
  const section = { source, path: [...path, key], value: holder[key], service: null };
  holder[key] = interpolateSection(section, following.interpolation, following.diagnostics).value;
  return holder[key];
}

/** The keys that are filled in already. A base is read once for each service that extends it. */
const done = new WeakMap<object, Set<string>>();

/** A service of a document, on top of what is included under that name, on top of what it extends. */
async function serviceOf(raw: Raw, name: string, trail: Trail): Promise<Service> {
  const below = withoutOwn(raw.below.get(name) ?? NOTHING, name, raw.source);
  const written = raw.services[name];
  if (!isMap(written)) return below;
  const path = ['services', name];
  const profiles = filled(raw, written, 'profiles', path);
  const own = joined(below, {
    sections: sectionsAt(raw, written, path, name),
    profiles: Array.isArray(profiles) ? profiles.map(String) : [],
  });
  if (!Object.hasOwn(written, 'extends') || written['extends'] === null) return own;
  const base = await baseOf(raw, name, filled(raw, written, 'extends', path), [...trail, placeOf(raw, name)]);
  const rank = Math.min(raw.rank, ...own.sections.map((section) => section.rank));
  return base === null ? own : joined(renamed(raw, name, base, rank), own);
}

function placeOf({ source }: Raw, name: string): string {
  return `service ${name} in ${source.file}`;
}

/** The service that another one extends, from the same document or from another file. null, with a fault, if there is none. */
async function baseOf(raw: Raw, name: string, extended: unknown, trail: Trail): Promise<Service | null> {
  const { diagnostics } = raw.following;
  const where = (): Span => raw.source.locate(['services', name, 'extends']);
  const asked = isMap(extended) ? extended['service'] : extended;
  const file = isMap(extended) ? extended['file'] : undefined;
  if (typeof asked !== 'string') {
    const hint = 'write `extends: NAME`, or `extends: {file: FILE, service: NAME}`';
    diagnostics.add('extends-without-service', `extends of service ${name} names no service`, { where, hint });
    return null;
  }
  const raws = typeof file === 'string' ? await rawsOf(raw, file, where) : [raw];
  const holders = raws.filter(({ services }) => Object.hasOwn(services, asked));
  const below = typeof file === 'string' || holders.length > 0 ? undefined : raw.below.get(asked);
  if (holders.length === 0 && below === undefined) {
    if (raws.length > 0) reportNoBase(raw, name, asked, raws, where);
    return null;
  }
  const circle = holders.map((holder) => placeOf(holder, asked)).find((place) => trail.includes(place));
  if (circle !== undefined) {
    diagnostics.add(
      'extends-circle',
      `service ${name} extends itself: ${[...trail, circle].join(', which extends ')}`,
      {
        where,
      },
    );
    return null;
  }
  let base = below ?? NOTHING;
  for (const holder of holders)
    base = joined(withoutOwn(base, asked, holder.source), await serviceOf(holder, asked, trail));
  return base;
}

function reportNoBase(raw: Raw, name: string, asked: string, raws: readonly Raw[], where: () => Span): void {
  const all = [...raws.flatMap(({ services }) => Object.keys(services)), ...raw.below.keys()];
  const known = all.filter((service) => service !== name);
  const hint =
    didYouMean(asked, known) ?? 'a service extends one of its own file, or names a file: {file: FILE, service: NAME}';
  const message = `service ${name} extends ${quote(asked)}, which is not in ${raws[0]?.source.file}`;
  raw.following.diagnostics.add('extends-unknown-service', message, { where, hint });
}

/**
 * Reads the documents of another file for their services alone. What that file includes, and its top-level section, do not count.
 */
async function rawsOf(raw: Raw, file: string, where: () => Span): Promise<readonly Raw[]> {
  const { following } = raw;
  const { reader, extended, interpolation } = following;
  const path = resolve(following.folder, file);
  const files = extended.get(interpolation.lookup) ?? new Map<string, readonly Raw[]>();
  extended.set(interpolation.lookup, files);
  const known = files.get(path);
  if (known !== undefined) return known;
  const sources = await reader.documents(reader.refOf(path), where);
  const inside = { ...following, folder: dirname(path) };
  const raws = sources.map((source) => rawOf(source, new Map(), raw.rank, inside));
  files.set(path, raws);
  return raws;
}

/**
 * The base's sections, as those of the service that extends it: they come before that service's own, and without what its document
 * resets.
 */
function renamed({ source }: Raw, name: string, base: Service, rank: number): Service {
  const sections = base.sections.map((section) => ({ ...section, service: name, rank }));
  return withoutOwn({ ...base, sections }, name, source);
}

/** A service without what a document resets in it. */
function withoutOwn(service: Service, name: string, source: Source): Service {
  const resets = source.resets.filter((path) => path.length > 2 && path[0] === 'services' && path[1] === name);
  const layer: Layer = { ...EMPTY, services: new Map([[name, service]]) };
  return withoutReset(layer, resets).services.get(name) ?? NOTHING;
}

const NOTHING: Service = { sections: [], profiles: [] };
