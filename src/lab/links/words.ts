/**
 * Links by the words of a command line: `NODE:DEV`, a glob of it (`*`: any text, `?`: any character), and `bridge/NAME` for all links of a
 * bridge.
 */
import { isGlob, patternOf } from '../../config/nodes/pattern.ts';
import { nearest } from '../../config/text/nearest.ts';
import { LinkloomError } from '../../errors.ts';

const BRIDGE = 'bridge/';

/** What names links: `bridge/NAME`, `NODE:DEV`, or a glob. Without flags, so that a JSON Schema can have it. */
export const LINK_WORD = /^(?:bridge\/[\s\S]+|(?!bridge\/)(?:[\s\S]+:[\s\S]+|[\s\S]*[*?][\s\S]*))$/;

/** A link by all that it is called. */
export interface NamedLink {
  /** `NODE:DEV`. */
  readonly id: string;
  /** `NODE:DEV` with each name of the node. */
  readonly names: readonly string[];
  /** null: it has no bridge, or that is not known. */
  readonly bridge: string | null;
}

/** Refuses what is neither `NODE:DEV` nor a glob nor a bridge. Throws E_USAGE. */
export function assertLinkWords(words: readonly string[]): void {
  for (const word of words) {
    if (LINK_WORD.test(word)) continue;
    const message = word === '' ? 'a link is named by an empty word' : `'${word}' is no link`;
    throw new LinkloomError('E_USAGE', message, { hint: `write ${correctionOf(word)}` });
  }
}

function correctionOf(word: string): string {
  if (word === BRIDGE) return 'bridge/NAME, with the name of a bridge';
  const [node = '', dev = ''] = word.split(':');
  if (node !== '') return `NODE:DEV (${node}:eth0), a glob ('${node}:*'), or bridge/NAME`;
  return dev === ''
    ? "NODE:DEV, a glob ('*:eth0'), or bridge/NAME"
    : `NODE:${dev}, or '*:${dev}' for that of every node`;
}

/** Whether a word names one link, and no list of them. */
export function isSingleLink(word: string): boolean {
  return !isGlob(word) && !isBridgeWord(word);
}

/** Answers whether a word stands for a link. */
export function matcherOf(word: string): (link: NamedLink) => boolean {
  const text = isBridgeWord(word) ? word.slice(BRIDGE.length) : word;
  const pattern = patternOf([text]);
  const fits = (name: string): boolean => (isGlob(text) ? pattern.test(name) : name === text);
  if (isBridgeWord(word)) return ({ bridge }) => bridge !== null && fits(bridge);
  return ({ names }) => names.some(fits);
}

/**
 * The links that words stand for, each once, those of one word in the order of the lab. Throws E_USAGE, and E_NODE_MISSING where a word stands
 * for nothing.
 */
export function linksMeant<T extends NamedLink>(
  words: readonly string[],
  lab: string,
  links: readonly T[],
): readonly T[] {
  assertLinkWords(words);
  const chosen = new Set<T>();
  for (const word of words) {
    const found = links.filter(matcherOf(word));
    if (found.length === 0) throw unknownLink(word, lab, links);
    for (const link of found) chosen.add(link);
  }
  return [...chosen];
}

/** The error of a word that stands for no link of a lab. */
export function unknownLink(word: string, lab: string, links: readonly NamedLink[]): LinkloomError {
  const isBridge = isBridgeWord(word);
  const known = isBridge
    ? links.flatMap(({ bridge }) => (bridge === null ? [] : [`${BRIDGE}${bridge}`]))
    : links.map(({ id }) => id);
  const near = isGlob(word) ? undefined : nearest(word, new Set(known));
  const what = isGlob(word)
    ? `no link of lab ${lab} matches ${word}`
    : isBridge
      ? `lab ${lab} has no link on bridge ${word.slice(BRIDGE.length)}`
      : `lab ${lab} has no link ${word}`;
  const hint = near === undefined ? 'a link is NODE:DEV, a glob of it, or bridge/NAME' : `did you mean ${near}?`;
  return new LinkloomError('E_NODE_MISSING', what, { where: word, hint });
}

function isBridgeWord(word: string): boolean {
  return word.startsWith(BRIDGE);
}
