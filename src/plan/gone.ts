/** What is left of links whose node has ended: their ports, which free their names only once deleted. */
import { groupOf, ROLE } from '../net/mark.ts';
import type { Link } from '../topology/topology.ts';
import { aliasOfLink } from './context.ts';
import type { Observed } from './observed.ts';
import type { LinkDel, OvsDel } from './op.ts';
import { ovsDirectory } from './ovs/instance.ts';

/** Delete the ports of these links, by index; those of Open vSwitch out of its database first. */
export function planGone(lab: string, links: readonly Link[], observed: Observed): readonly (LinkDel | OvsDel)[] {
  const port = groupOf(lab, ROLE.port);
  const rows: OvsDel[] = [];
  const devices = links.flatMap((link): LinkDel[] => {
    const found = observed.byAlias.get(aliasOfLink(lab, link));
    if (!found || found.link.group !== port) return [];
    const base = { ns: found.ns, link: null, cause: 'its node has ended', dev: found.link.ifname };
    if (observed.ovs.get(found.ns)?.portOf(base.dev))
      rows.push({ ...base, op: 'ovs.del', directory: ovsDirectory(lab, found.ns), what: 'port' });
    return [{ ...base, op: 'link.del', ifindex: found.link.ifindex }];
  });
  return [...rows, ...devices];
}
