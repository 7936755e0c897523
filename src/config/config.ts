/** The Config: what the files say, merged, each part with where it was written. */
import type { Span } from '../errors.ts';
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

/** The merged configuration. Links are one per identity, bridges one per name; the rest as written, in order. */
export interface Config {
  readonly links: readonly Entry<LinkConfig>[];
  readonly bridges: readonly Entry<BridgeConfig>[];
  readonly tunnels: readonly Entry<TunnelConfig>[];
  readonly commands: readonly Entry<CommandConfig>[];
}

/**
 * Where an entry, a key of it or an item of a key's list was written. For links merged from several places
 * the one that counts: the last for a scalar, the one that brought the item for a list.
 */
export function spanOf(entry: Entry<unknown>, key?: string, index?: number): Span | undefined {
  const last = entry.origins.at(-1);
  if (last === undefined) return undefined;
  if (key === undefined) return last.source.locate(last.path);
  let places: { readonly origin: Origin; readonly path: Path }[] = [];
  let isList = false;
  for (const origin of entry.origins) {
    const value = keyOf(valueAt(origin), key);
    if (value === undefined) continue;
    const list = Array.isArray(value);
    const found = list ? value.map((_, at) => ({ origin, path: [key, at] })) : [{ origin, path: [key] }];
    places = isList ? [...places, ...found] : found;
    isList ||= list;
  }
  const place = (index === undefined ? undefined : places[index]) ?? places.at(-1);
  if (place === undefined) return last.source.locate(last.path);
  return place.origin.source.locate([...place.origin.path, ...place.path]);
}

function valueAt(origin: Origin): unknown {
  return origin.path.reduce<unknown>(keyOf, origin.source.value);
}

function keyOf(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}
