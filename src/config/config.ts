/** The Config: what the files say, merged. Each part knows where it was written. */
import type { Span } from '../errors.ts';
import type { CheckConfig } from './checks/schema.ts';
import type { HostConfig } from './nodes/hosts-schema.ts';
import type { NodeConfig } from './nodes/schema.ts';
import type { Wire } from './nodes/wire.ts';
import type { AddressingConfig, DefaultsConfig, GroupConfig } from './nodes/wire-schema.ts';
import type { BridgeConfig, CommandConfig, LinkConfig, TunnelConfig } from './schema.ts';
import type { Path } from './text/parsed.ts';
import type { Source } from './text/source.ts';

/** Where an entry was written. */
export interface Origin {
  readonly source: Source;
  readonly path: Path;
}

/** One entry of `links`, `bridges`, `tunnels` or `commands`. */
export interface Entry<T> {
  readonly value: T;
  /** Where the entry was written, in order. Only a link can be described in several places. */
  readonly origins: readonly Origin[];
  /** Keys with wrong values. They are reported, and left out of `value`. */
  readonly faulty: readonly string[];
}

/** A link or tunnel that lacks something it needs. `label` is its name in messages. */
export type Incomplete =
  | { readonly kind: 'link'; readonly label: string; readonly entry: Entry<LinkConfig> }
  | { readonly kind: 'tunnel'; readonly label: string; readonly entry: Entry<TunnelConfig> };

/** The merged configuration. It has one entry per link and per bridge; all else is as written, in order. */
export interface Config {
  readonly links: readonly Entry<LinkConfig>[];
  readonly bridges: readonly Entry<BridgeConfig>[];
  readonly tunnels: readonly Entry<TunnelConfig>[];
  readonly commands: readonly Entry<CommandConfig>[];
  readonly checks: readonly Entry<CheckConfig>[];
  /** Entries that lack something they need. The rest of them is checked all the same. */
  readonly incomplete: readonly Incomplete[];
  /**
   * Services of the compose files that no active profile includes. What is said of them counts only for their containers that run
   * all the same.
   */
  readonly inactive: ReadonlySet<string>;
  /** Entries of `nodes:` by name, in the order of the files, with what defaults, groups and the address plan give them. */
  readonly nodes: ReadonlyMap<string, Entry<NodeConfig>>;
  readonly wires: readonly Entry<Wire>[];
  /** These three have been applied to nodes, wires and links already; they are kept for printing. */
  readonly defaults: Entry<DefaultsConfig> | null;
  readonly groups: ReadonlyMap<string, Entry<GroupConfig>>;
  readonly addressing: Entry<AddressingConfig> | null;
  /** Of the sources of binds and copies that are relative to their file: by the absolute path, what is written. */
  readonly besides: ReadonlyMap<string, string>;
  /** Machines that the lab is spread over, by name, in the order of the files. */
  readonly hosts: ReadonlyMap<string, Entry<HostConfig>>;
}

/**
 * Where an entry, a key of it, or a part of that key's value (an item of a list, a key of a map) was written. For a link that is
 * described in several places it is the place that counts: the last one for a single value, and for a list the one with the item.
 */
export function spanOf(entry: Entry<unknown>, key?: string, inner?: string | number): Span | undefined {
  const last = entry.origins.at(-1);
  if (last === undefined) return undefined;
  if (key === undefined) return last.source.locate(last.path);
  const places = placesOf(entry, key);
  if (typeof inner === 'string') {
    const origin = entry.origins.findLast((place) => keyOf(keyOf(valueAt(place), key), inner) !== undefined);
    if (origin !== undefined) return origin.source.locate([...origin.path, key, inner]);
  }
  const place = (typeof inner === 'number' ? places[inner] : undefined) ?? places.at(-1);
  if (place === undefined) return last.source.locate(last.path);
  return place.origin.source.locate([...place.origin.path, ...place.path]);
}

/**
 * Where an entry was written, for what is made of it and outlives it. It keeps neither the entry nor the values of its file: of a
 * hundred thousand links these would be tens of megabytes.
 */
export function placeOf({ origins }: Entry<unknown>): () => Span | undefined {
  const last = origins.at(-1);
  return last === undefined ? nowhere : placeAt(last.source.locate, last.path);
}

/** In a function of its own, so that nothing else is kept. */
function placeAt(locate: Source['locate'], path: Path): () => Span {
  return () => locate(path);
}

const nowhere = (): undefined => undefined;

interface KeyOrigin {
  readonly origin: Origin;
  readonly path: Path;
}

/** What `placesOf` found for entries with faults. A link may have many descriptions. */
const known = new WeakMap<Entry<unknown>, Map<string, readonly KeyOrigin[]>>();

/** Where each item of a key's list was written, or the one place that counts for a single value, by the rule of merging. */
function placesOf(entry: Entry<unknown>, key: string): readonly KeyOrigin[] {
  const ofEntry = known.get(entry) ?? new Map<string, readonly KeyOrigin[]>();
  known.set(entry, ofEntry);
  const found = ofEntry.get(key) ?? findPlaces(entry.origins, key);
  ofEntry.set(key, found);
  return found;
}

function findPlaces(origins: readonly Origin[], key: string): readonly KeyOrigin[] {
  let places: KeyOrigin[] = [];
  let isList = false;
  for (const origin of origins) {
    const value = keyOf(valueAt(origin), key);
    if (value === undefined) continue;
    if (!isList) places = [];
    isList ||= Array.isArray(value);
    if (!Array.isArray(value)) places.push({ origin, path: [key] });
    else for (const at of value.keys()) places.push({ origin, path: [key, at] });
  }
  return places;
}

function valueAt(origin: Origin): unknown {
  return origin.path.reduce<unknown>(keyOf, origin.source.value);
}

function keyOf(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}
