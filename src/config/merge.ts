/** Descriptions of one link in several places become one link; the last definition of a bridge counts. */
import { type Entry, type Origin, spanOf } from './config.ts';
import type { Diagnostics } from './diagnose.ts';
import { isMap } from './extract.ts';
import type { BridgeConfig, LinkConfig } from './schema.ts';

/** A link's device where none is given. */
export const DEFAULT_DEV = 'eth0';

/** A link under construction: nothing in it is shared, so that many descriptions of one link stay linear. */
interface Growing {
  readonly value: LinkConfig;
  readonly origins: Origin[];
  readonly faulty: string[];
}

/**
 * Links by identity, in order of first appearance. Node and device are the identity; a namespace is never a
 * container. A link whose device is not known stands alone.
 */
export function mergeLinks(
  links: readonly Entry<LinkConfig>[],
  diagnostics: Diagnostics,
): readonly Entry<LinkConfig>[] {
  const merged = new Map<string, Entry<LinkConfig>>();
  const growing = new Map<string, Growing>();
  for (const [index, link] of links.entries()) {
    const identity = link.faulty.includes('dev') ? `?${index}` : identityOf(link.value);
    const earlier = merged.get(identity);
    if (earlier === undefined) {
      merged.set(identity, link);
      continue;
    }
    warnOfTwice(earlier, link, diagnostics);
    const own = growing.get(identity) ?? grow(earlier);
    growing.set(identity, own);
    merged.set(identity, own);
    addLink(own, link);
  }
  return [...merged.values()];
}

function grow({ value, origins, faulty }: Entry<LinkConfig>): Growing {
  return { value: structuredClone(value), origins: [...origins], faulty: [...faulty] };
}

/** Where the same node is once called a service and once a container, the later word counts. */
function addLink(own: Growing, { value, origins, faulty }: Entry<LinkConfig>): void {
  mergeInto(own.value, value);
  if (value.service !== undefined) delete own.value.container;
  if (value.container !== undefined) delete own.value.service;
  own.origins.push(...origins);
  own.faulty.push(...faulty);
}

function identityOf(link: LinkConfig): string {
  const dev = link.dev ?? DEFAULT_DEV;
  if (link.node !== undefined) return `entry/${link.node}:${dev}`;
  return link.netns === undefined ? `node/${link.service ?? link.container}:${dev}` : `netns/${link.netns}:${dev}`;
}

/** Two entries without `dev` in one file are more often a forgotten `dev` than a wish. */
function warnOfTwice(earlier: Entry<LinkConfig>, later: Entry<LinkConfig>, diagnostics: Diagnostics): void {
  if (earlier.value.dev !== undefined || later.value.dev !== undefined) return;
  if (earlier.origins.at(-1)?.source !== later.origins[0]?.source) return;
  const node = later.value.service ?? later.value.container ?? later.value.netns ?? later.value.node;
  diagnostics.add('link-twice', `${node}:${DEFAULT_DEV} is described twice without dev, so the two become one link`, {
    where: () => spanOf(later),
    hint: 'give each link its own dev',
  });
}

/**
 * The rule for two values of one key: maps join key by key, lists are strung together, a single value
 * joins an earlier list as its last item, and otherwise the later value wins. Changes `earlier`, which
 * must not be shared, and returns it or what replaces it; `later` is left alone.
 */
export function mergeInto(earlier: unknown, later: unknown): unknown {
  if (later === undefined) return earlier;
  if (Array.isArray(earlier)) {
    if (Array.isArray(later)) for (const item of later) earlier.push(item);
    else earlier.push(later);
    return earlier;
  }
  if (!isMap(earlier) || !isMap(later)) return structuredClone(later);
  for (const [key, value] of Object.entries(later)) {
    earlier[key] = Object.hasOwn(earlier, key) ? mergeInto(earlier[key], value) : structuredClone(value);
  }
  return earlier;
}

/** Bridges by name, in order of first appearance; a later definition replaces an earlier one whole. */
export function mergeBridges(bridges: readonly Entry<BridgeConfig>[]): readonly Entry<BridgeConfig>[] {
  return [...new Map(bridges.map((bridge) => [bridge.value.bridge, bridge])).values()];
}
