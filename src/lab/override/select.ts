/** Which links are meant: `NODE:DEV`, a glob of it, or `bridge/NAME`. */
import { nearest } from '../../config/text/nearest.ts';
import { LinkloomError } from '../../errors.ts';
import type { SettableLink } from '../../plan/overrides/ends.ts';
import { globPattern, isGlob } from '../with-nodes/choose.ts';

const BRIDGE = 'bridge/';

export interface Selected {
  /** Links of which something can be set, each once, in the order of the lab. */
  readonly links: readonly SettableLink[];
  /** Links that a glob or a bridge stands for, and that are not there. */
  readonly missing: readonly SettableLink[];
}

/** Refuses what is neither `NODE:DEV` nor a glob nor a bridge. Throws E_USAGE. */
export function assertPatterns(patterns: readonly string[]): void {
  for (const pattern of patterns) {
    const isLink = pattern.includes(':') || isGlob(pattern) || (pattern.startsWith(BRIDGE) && pattern !== BRIDGE);
    if (isLink) continue;
    throw new LinkloomError('E_USAGE', `'${pattern}' is no link`, {
      hint: `write NODE:DEV (${pattern}:eth0), a glob ('${pattern}:*'), or bridge/NAME`,
    });
  }
}

/**
 * The links that patterns stand for. Throws E_USAGE, and E_NODE_MISSING where one stands for nothing that is there: then nothing has
 * been touched.
 */
export function selectLinks(lab: string, links: readonly SettableLink[], patterns: readonly string[]): Selected {
  assertPatterns(patterns);
  const chosen = new Set<SettableLink>();
  for (const pattern of patterns) {
    const found = links.filter(matcherOf(pattern));
    const there = found.filter(({ lacks }) => lacks === null);
    const isSingle = !isGlob(pattern) && !pattern.startsWith(BRIDGE);
    const absent = found.find(({ lacks }) => lacks !== null);
    if (absent !== undefined && (isSingle || there.length === 0)) {
      throw noLink(pattern, `${absent.id} of lab ${lab} ${absent.lacks}`, undefined);
    }
    if (found.length === 0) throw unknown(lab, links, pattern);
    for (const link of found) chosen.add(link);
  }
  const all = links.filter((link) => chosen.has(link));
  return { links: all.filter(({ lacks }) => lacks === null), missing: all.filter(({ lacks }) => lacks !== null) };
}

function matcherOf(pattern: string): (link: SettableLink) => boolean {
  const isBridge = pattern.startsWith(BRIDGE);
  const text = isBridge ? pattern.slice(BRIDGE.length) : pattern;
  const glob = globPattern(text);
  const fits = (name: string): boolean => (isGlob(text) ? glob.test(name) : name === text);
  return ({ names, bridge }) => (isBridge ? bridge !== null && fits(bridge) : names.some(fits));
}

function unknown(lab: string, links: readonly SettableLink[], pattern: string): LinkloomError {
  const isBridge = pattern.startsWith(BRIDGE);
  const known = isBridge
    ? links.flatMap(({ bridge }) => (bridge === null ? [] : [`${BRIDGE}${bridge}`]))
    : links.map(({ id }) => id);
  const near = isGlob(pattern) ? undefined : nearest(pattern, [...new Set(known)]);
  const what = isGlob(pattern) ? `no link of lab ${lab} matches ${pattern}` : `lab ${lab} has no ${nameOf(pattern)}`;
  return noLink(pattern, what, near === undefined ? undefined : `did you mean ${near}?`);
}

function nameOf(pattern: string): string {
  if (pattern.startsWith(BRIDGE)) return `link on bridge ${pattern.slice(BRIDGE.length)}`;
  return `link ${pattern}`;
}

function noLink(where: string, message: string, hint: string | undefined): LinkloomError {
  return new LinkloomError('E_NODE_MISSING', message, { where, ...(hint !== undefined && { hint }) });
}
