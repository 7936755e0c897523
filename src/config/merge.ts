/** Merges the descriptions of a link in several places into one. Of several definitions of a bridge the last one counts. */
import { HOST_NAME } from '../net/ifname.ts';
import { type Entry, type Origin, spanOf } from './config.ts';
import type { Diagnostics } from './diagnose.ts';
import { isMap } from './extract.ts';
import type { BridgeConfig, LinkConfig } from './schema.ts';

/** The device of a link that names none. */
export const DEFAULT_DEV = 'eth0';

/** A link that is being merged. It shares nothing with its sources, so that many descriptions of one link take linear time. */
interface Growing {
  readonly value: LinkConfig;
  readonly origins: Origin[];
  readonly faulty: string[];
}

/**
 * Merges links that have the same node and device, in the order of their first appearance. A namespace is never the same node as a
 * container. A link whose device is not known is merged with no other.
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

/** If one description names the node as a service and another as a container, the later one counts. */
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
  if (link.host) return `host:${dev}`;
  return link.netns === undefined ? `node/${link.service ?? link.container}:${dev}` : `netns/${link.netns}:${dev}`;
}

/** Warns about two entries without `dev` in one file. Usually a `dev` was forgotten. */
function warnOfTwice(earlier: Entry<LinkConfig>, later: Entry<LinkConfig>, diagnostics: Diagnostics): void {
  if (earlier.value.dev !== undefined || later.value.dev !== undefined) return;
  if (earlier.origins.at(-1)?.source !== later.origins[0]?.source) return;
  const node = later.value.service ?? later.value.container ?? later.value.netns ?? later.value.node ?? HOST_NAME;
  diagnostics.add('link-twice', `${node}:${DEFAULT_DEV} is described twice without dev, so the two become one link`, {
    where: () => spanOf(later),
    hint: 'give each link its own dev',
  });
}

/**
 * Merges two values of one key: maps are merged key by key, lists are joined, a single value is added to an earlier list, and
 * otherwise the later value replaces the earlier one. Changes `earlier`, which must not be shared, and returns it or its
 * replacement; `later` is left alone.
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

/** Bridges by name, in the order of their first appearance. A later definition replaces an earlier one as a whole. */
export function mergeBridges(bridges: readonly Entry<BridgeConfig>[]): readonly Entry<BridgeConfig>[] {
  return [...new Map(bridges.map((bridge) => [bridge.value.bridge, bridge])).values()];
}
