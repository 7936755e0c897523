/** Removes the ports of links whose node has ended. Their names are free only once the ports are deleted. */

import { groupOf, ROLE } from '../../net/mark.ts';
import { outerDevOf } from '../../topology/links.ts';
import type { Link } from '../../topology/topology.ts';
import type { Op } from '../../wire/op.ts';
import type { LinkDel } from '../../wire/ops/links.ts';
import type { OvsDel } from '../../wire/ops/switch.ts';
import { forgetForwardRoutes } from '../extras/forward-routes.ts';
import { forgetForwards } from '../extras/translations.ts';
import { FORWARD_NS } from '../extras/uplink.ts';
import { allOvs, type Observed } from '../observed.ts';
import { aliasOfLink } from '../switch/placement.ts';

/**
 * Plans the deletion of these links' ports, by index. Ports of Open vSwitch leave its database first: if the kernel has
 * deleted the device already, its row still exists. Ports forwarded to these links are no longer forwarded.
 */
export function planGone(lab: string, links: readonly Link[], observed: Observed): readonly Op[] {
  const port = groupOf(lab, ROLE.port);
  const cause = 'its node has ended';
  const rows = links.flatMap((link): OvsDel[] => {
    const outerDev = outerDevOf(link);
    const holder = allOvs(observed).find(({ portOf }) => outerDev !== null && portOf(outerDev)?.ours);
    if (!holder || outerDev === null) return [];
    const { ns, directory } = holder.dump;
    return [{ op: 'ovs.del', ns, link: null, cause, directory, what: 'port', dev: outerDev }];
  });
  const devices = links.flatMap((link): LinkDel[] => {
    const found = observed.byAlias.get(aliasOfLink(lab, link));
    if (!found || found.link.group !== port) return [];
    const { ifname, ifindex } = found.link;
    return [
      {
        op: 'link.del',
        ns: found.ns,
        link: null,
        cause,
        dev: ifname,
        ifindex,
        seen: { group: port, alias: found.link.alias },
        isBridge: false,
      },
    ];
  });
  const forwards = forgetForwards(lab, links, observed.namespaces.get(FORWARD_NS));
  return [...rows, ...devices, ...(forwards ? [forwards] : []), ...forgetForwardRoutes(links, observed)];
}
