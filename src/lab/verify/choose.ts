import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import { namesOfLink, namesOfPending } from '../../topology/links.ts';
import type { Network } from '../../topology/topology.ts';
import { linksMeant, type NamedLink } from '../links/words.ts';

/**
 * Answers whether a link is meant, by its `NODE:DEV`. `words`: as of `linksMeant`; none mean all. Links of nodes that do not run can be
 * meant, too. Throws as `linksMeant`.
 */
export function linksToProve({ lab, links, pending }: Network, words: readonly string[]): (id: string) => boolean {
  if (words.length === 0) return () => true;
  const known: NamedLink[] = [
    ...links.map((link) => ({ id: link.id, names: namesOfLink(link), bridge: bridgeOf(link.spec) })),
    ...pending.flatMap(({ selector, links: specs }) =>
      specs.map((spec) => ({
        id: `${selector.name}:${spec.dev}`,
        names: namesOfPending(selector, spec.dev),
        bridge: bridgeOf(spec),
      })),
    ),
  ];
  const meant = new Set(linksMeant(words, lab, known).map(({ id }) => id));
  return (id) => meant.has(id);
}
