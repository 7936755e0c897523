/** Descriptions of one link in several places become one link; the last definition of a bridge counts. */
import { type Entry, spanOf } from './config.ts';
import type { Diagnostics } from './diagnose.ts';
import { isMap } from './extract.ts';
import type { BridgeConfig, LinkConfig } from './schema.ts';

/** A link's device where none is given. */
export const DEFAULT_DEV = 'eth0';

/** Links by identity, in order of first appearance. Node and device are the identity; a namespace is never a container. */
export function mergeLinks(
  links: readonly Entry<LinkConfig>[],
  diagnostics: Diagnostics,
): readonly Entry<LinkConfig>[] {
  const merged = new Map<string, Entry<LinkConfig>>();
  for (const link of links) {
    const identity = identityOf(link.value);
    const earlier = merged.get(identity);
    if (earlier === undefined) {
      merged.set(identity, link);
      continue;
    }
    warnOfTwice(earlier, link, diagnostics);
    merged.set(identity, {
      value: mergedLink(earlier.value, link.value),
      origins: [...earlier.origins, ...link.origins],
      faulty: link.faulty.length === 0 ? earlier.faulty : [...earlier.faulty, ...link.faulty],
    });
  }
  return [...merged.values()];
}

function identityOf(link: LinkConfig): string {
  const dev = link.dev ?? DEFAULT_DEV;
  return link.netns === undefined ? `node/${link.service ?? link.container}:${dev}` : `netns/${link.netns}:${dev}`;
}

/** Two entries without `dev` in one file are more often a forgotten `dev` than a wish. */
function warnOfTwice(earlier: Entry<LinkConfig>, later: Entry<LinkConfig>, diagnostics: Diagnostics): void {
  if (earlier.value.dev !== undefined || later.value.dev !== undefined) return;
  if (earlier.origins.at(-1)?.source !== later.origins[0]?.source) return;
  const node = later.value.service ?? later.value.container ?? later.value.netns;
  const where = spanOf(later);
  diagnostics.add('warning', `${node}:${DEFAULT_DEV} is described twice without dev, so the two become one link`, {
    ...(where === undefined ? {} : { where }),
    hint: 'give each link its own dev',
  });
}

/** Where the same node is once called a service and once a container, the later word counts. */
function mergedLink(earlier: LinkConfig, later: LinkConfig): LinkConfig {
  const result = { ...(merge(earlier, later) as LinkConfig) };
  if (later.service !== undefined) delete result.container;
  if (later.container !== undefined) delete result.service;
  return result;
}

/**
 * The rule for two values of one key: maps join key by key, lists are strung together, a single value
 * joins an earlier list as its last item, and otherwise the later value wins.
 */
export function merge(earlier: unknown, later: unknown): unknown {
  if (later === undefined) return earlier;
  if (Array.isArray(earlier)) return Array.isArray(later) ? [...earlier, ...later] : [...earlier, later];
  if (!isMap(earlier) || !isMap(later)) return later;
  const result: Record<string, unknown> = { ...earlier };
  for (const [key, value] of Object.entries(later))
    result[key] = Object.hasOwn(earlier, key) ? merge(earlier[key], value) : value;
  return result;
}

/** Bridges by name, in order of first appearance; a later definition replaces an earlier one whole. */
export function mergeBridges(bridges: readonly Entry<BridgeConfig>[]): readonly Entry<BridgeConfig>[] {
  return [...new Map(bridges.map((bridge) => [bridge.value.bridge, bridge])).values()];
}
