import { isOurGroup, isPortGroup } from '../../src/net/mark.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { NLM_F_DUMP } from '../netlink/constants.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { TC_H_ROOT } from '../netlink/tc-constants.ts';
import { dump, request } from './dump.ts';
import { type FilterDump, getIngressFilters, readFilter } from './filter.ts';
import { getQdiscs, type QdiscDump, readQdisc } from './qdisc.ts';

/**
 * Adds to links of ours what happens to their packets. The kinds of root qdiscs come with every dump of links, so qdiscs
 * are asked for only where one is a netem; filters only of ports that are in no bridge. Throws SystemFault.
 */
export function withTraffic(socket: NetlinkSocket, links: readonly LinkDump[]): readonly LinkDump[] {
  const isImpaired = links.some(({ group, qdisc }) => qdisc === 'netem' && isOurGroup(group));
  const roots = new Map(isImpaired ? dumpRoots(socket).map((root) => [root.ifindex, root]) : []);
  return links.map((link) => {
    if (!isOurGroup(link.group)) return link;
    const { handle, netem } = roots.get(link.ifindex) ?? { handle: 0, netem: null };
    const isLoose = link.master === 0 && isPortGroup(link.group);
    const redirect = isLoose ? redirectionOf(socket, link.ifindex) : null;
    if (netem === null && redirect === null) return link;
    return { ...link, netem: netem === null ? null : { handle, netem }, redirect };
  });
}

/** Root qdiscs that somebody put there: the kernel does not tell of its own defaults. Throws SystemFault. */
function dumpRoots(socket: NetlinkSocket): readonly QdiscDump[] {
  const qdiscs = dump(socket, 'RTM_GETQDISC', () => getQdiscs(request, NLM_F_DUMP), readQdisc);
  return qdiscs.filter(({ parent }) => parent === TC_H_ROOT);
}

/** Where all goes that a device receives: an index, 0 if that device is gone, null if there is no such filter. Throws SystemFault. */
export function redirectionOf(socket: NetlinkSocket, ifindex: number): number | null {
  const write = (): void => getIngressFilters(request, ifindex, NLM_F_DUMP);
  const filters: readonly FilterDump[] = dump(socket, 'RTM_GETTFILTER', write, readFilter);
  return filters.find(({ redirectsTo }) => redirectsTo !== null)?.redirectsTo ?? null;
}
