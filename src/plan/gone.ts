/** What is left of links whose node has ended: their ports, which free their names only once deleted. */
import { groupOf, ROLE } from '../net/mark.ts';
import type { Link } from '../topology/topology.ts';
import { aliasOfLink } from './context.ts';
import type { Observed } from './observed.ts';
import type { LinkDel } from './op.ts';

/** Delete the ports of these links, by index. */
export function planGone(lab: string, links: readonly Link[], observed: Observed): readonly LinkDel[] {
  const port = groupOf(lab, ROLE.port);
  return links.flatMap((link) => {
    const found = observed.byAlias.get(aliasOfLink(lab, link));
    if (!found || found.link.group !== port) return [];
    return [
      {
        op: 'link.del',
        ns: found.ns,
        link: null,
        cause: 'its node has ended',
        dev: found.link.ifname,
        ifindex: found.link.ifindex,
      } as const,
    ];
  });
}
