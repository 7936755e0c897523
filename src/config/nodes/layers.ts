/**
 * Applies defaults, then groups in the order of the files, then the entry itself. Maps are merged; lists and single values are
 * replaced.
 */
import type { Entry, Origin } from '../config.ts';
import { isMap } from '../extract.ts';
import type { LinkConfig } from '../schema.ts';
import type { LabEntries } from './entries.ts';
import { patternOf } from './pattern.ts';
import { CONTAINER_KEYS, type NodeConfig } from './schema.ts';
import type { DefaultsConfig, LinkDefaults } from './wire-schema.ts';

/** One layer: its value, and where it was written. */
interface LayerOf<T> {
  readonly value: T;
  readonly origins: readonly Origin[];
}

/** Puts one value on top of another. Neither is changed. */
function onto(lower: unknown, upper: unknown): unknown {
  if (upper === undefined) return lower;
  if (!isMap(lower) || !isMap(upper)) return upper;
  const keys = new Set([...Object.keys(lower), ...Object.keys(upper)]);
  return Object.fromEntries([...keys].map((key) => [key, onto(lower[key], upper[key])]));
}

/** What defaults and groups say of nodes and links, by the node's name. */
export class Layers {
  readonly #defaults: Entry<DefaultsConfig> | undefined;
  readonly #groups: readonly { readonly matches: RegExp; readonly entry: Entry<DefaultsConfig> }[];
  readonly #links = new Map<string, LayerOf<LinkDefaults>>();

  constructor({ defaults, groups }: LabEntries) {
    this.#defaults = defaults.get('');
    this.#groups = [...groups.values()].map((entry) => ({ matches: patternOf(entry.value.nodes), entry }));
  }

  /** Whether there are no defaults and no groups. */
  get none(): boolean {
    return this.#defaults === undefined && this.#groups.length === 0;
  }

  /**
   * An entry of `nodes:` with its defaults and groups. If it has no image, keys that only containers have are not taken from them.
   */
  node(name: string, entry: Entry<NodeConfig>): Entry<NodeConfig> {
    const layers = this.#of(name, 'node');
    if (layers.length === 0) return entry;
    const below = layers.reduce<unknown>((lower, { value }) => onto(lower, value), {}) as NodeConfig;
    const hasImage = (entry.value.image === undefined ? below.image : entry.value.image) != null;
    const fitting = hasImage
      ? below
      : Object.fromEntries(Object.entries(below).filter(([key]) => !CONTAINER_KEYS.includes(key)));
    return {
      value: onto(fitting, entry.value) as NodeConfig,
      origins: [...layers.flatMap(({ origins }) => origins), ...entry.origins],
      faulty: entry.faulty,
    };
  }

  /** What the links of a node have, unless they say otherwise. */
  linksOf(name: string): LayerOf<LinkDefaults> {
    const known = this.#links.get(name);
    if (known !== undefined) return known;
    const layers = this.#of(name, 'link');
    const value = layers.reduce<unknown>((lower, layer) => alone(onto(lower, layer.value), layer.value), {});
    const made = { value: value as LinkDefaults, origins: layers.flatMap(({ origins }) => origins) };
    this.#links.set(name, made);
    return made;
  }

  /** The mode of a wire: that of the last group that has one and matches either node, else that of the defaults. */
  wireMode(names: readonly string[]): LinkDefaults['mode'] {
    const group = this.#groups.findLast(
      ({ matches, entry }) => entry.value.link?.mode !== undefined && names.some((name) => matches.test(name)),
    );
    return group?.entry.value.link?.mode ?? this.#defaults?.value.link?.mode;
  }

  /** A link with its defaults and groups. */
  link(name: string, entry: Entry<LinkConfig>): Entry<LinkConfig> {
    const { value: below, origins } = this.linksOf(name);
    if (origins.length === 0) return entry;
    return { ...entry, value: linkOn(below, entry.value), origins: [...origins, ...entry.origins] };
  }

  #of<K extends 'node' | 'link'>(name: string, part: K): readonly LayerOf<NonNullable<DefaultsConfig[K]>>[] {
    const matching = this.#groups.filter(({ matches }) => matches.test(name)).map(({ entry }) => entry);
    const entries = this.#defaults === undefined ? matching : [this.#defaults, ...matching];
    return entries.flatMap(({ value, origins }) => {
      const said = value[part];
      const at = origins.map(({ source, path }) => ({ source, path: [...path, part] }));
      return said === undefined ? [] : [{ value: said as NonNullable<DefaultsConfig[K]>, origins: at }];
    });
  }
}

/** A link's own keys on top of its defaults, without `mode` and `labels`, which are for wires. */
export function linkOn<T extends Partial<LinkConfig>>(below: LinkDefaults, own: T): T {
  const { mode: _mode, labels: _labels, ...settings } = below;
  return alone(onto(settings, own), own) as T;
}

/** Netem and impair exclude each other: keeps the one that the upper value has. */
function alone(joined: unknown, upper: unknown): unknown {
  if (!isMap(joined) || !isMap(upper)) return joined;
  const { netem, impair, ...others } = joined;
  if (netem === undefined || impair === undefined) return joined;
  return upper['netem'] === undefined ? { ...others, impair } : { ...others, netem };
}
