/** The Config: what the files say, merged, each part with where it was written. */
import type { Span } from '../errors.ts';
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
  /** All places that had a say, in order; more than one only for links described in several places. */
  readonly origins: readonly Origin[];
  /** Keys that were there but wrong; they are reported and left out of `value`. */
  readonly faulty: readonly string[];
}

/** A link or tunnel that is not known well enough to be one; `label` is how messages name it. */
export type Incomplete =
  | { readonly kind: 'link'; readonly label: string; readonly entry: Entry<LinkConfig> }
  | { readonly kind: 'tunnel'; readonly label: string; readonly entry: Entry<TunnelConfig> };

/** The merged configuration. Links are one per identity, bridges one per name; the rest as written, in order. */
export interface Config {
  readonly links: readonly Entry<LinkConfig>[];
  readonly bridges: readonly Entry<BridgeConfig>[];
  readonly tunnels: readonly Entry<TunnelConfig>[];
  readonly commands: readonly Entry<CommandConfig>[];
  /** Entries that something they need keeps out; what else they say is checked all the same. */
  readonly incomplete: readonly Incomplete[];
  /** Services of the compose files that no active profile has. What is said of them counts only for containers that run all the same. */
  readonly inactive: ReadonlySet<string>;
  /** Entries of `nodes:` by name, in the order of the files, with all that defaults, groups and the address plan give them. */
  readonly nodes: ReadonlyMap<string, Entry<NodeConfig>>;
  readonly wires: readonly Entry<Wire>[];
  /** What was applied to nodes, wires and links already, for whoever prints it. */
  readonly defaults: Entry<DefaultsConfig> | null;
  readonly groups: ReadonlyMap<string, Entry<GroupConfig>>;
  readonly addressing: Entry<AddressingConfig> | null;
}

/**
 * Where an entry, a key of it or what is inside that key (an item of a list, a key of a map) was written. For links merged from several places
 * the one that counts: the last for a scalar, the one that brought the item for a list.
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

interface KeyOrigin {
  readonly origin: Origin;
  readonly path: Path;
}

/** Of entries that had a fault: a link of many descriptions may have many. */
const known = new WeakMap<Entry<unknown>, Map<string, readonly KeyOrigin[]>>();

/** Where each item of a key's list was written, or all places of a single value, by the rule of merging. */
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
