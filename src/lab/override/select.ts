/** Which links are meant: `NODE:DEV`, a glob of it, or `bridge/NAME`. */
import { LinkloomError } from '../../errors.ts';
import type { SettableLink } from '../../plan/overrides/ends.ts';
import { verb } from '../../verb-names.ts';
import { assertLinkWords, isSingleLink, matcherOf, unknownLink } from '../links/words.ts';

export interface Selected {
  /** Links of which something can be set, each once, in the order of the lab. */
  readonly links: readonly SettableLink[];
  /** Links that a glob or a bridge stands for, and that are not there. */
  readonly missing: readonly SettableLink[];
}

/**
 * The links that patterns stand for. Throws E_USAGE, and E_NODE_MISSING where one stands for nothing that is there: then nothing has
 * been touched.
 */
export function selectLinks(lab: string, links: readonly SettableLink[], patterns: readonly string[]): Selected {
  assertLinkWords(patterns);
  const chosen = new Set<SettableLink>();
  for (const pattern of patterns) {
    const found = links.filter(matcherOf(pattern));
    const there = found.filter(({ lacks }) => lacks === null);
    const absent = found.find(({ lacks }) => lacks !== null);
    if (absent !== undefined && (isSingleLink(pattern) || there.length === 0)) {
      const more = found.length > 1 ? ` (nor any other of the ${found.length} links of ${pattern})` : '';
      throw new LinkloomError('E_NODE_MISSING', `its device ${absent.lacks}${more}`, {
        where: absent.id,
        hint: `${verb('status')} of lab ${lab} says why; ${verb('up')} makes it`,
      });
    }
    if (found.length === 0) throw unknownLink(pattern, lab, links);
    for (const link of found) chosen.add(link);
  }
  const all = links.filter((link) => chosen.has(link));
  return { links: all.filter(({ lacks }) => lacks === null), missing: all.filter(({ lacks }) => lacks !== null) };
}
