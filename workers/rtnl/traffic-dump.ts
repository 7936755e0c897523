import { isOurGroup, isPortGroup } from '../../src/net/mark.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { dump } from '../netlink/ask.ts';
import { NLM_F_DUMP } from '../netlink/constants.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { TC_H_ROOT } from '../netlink/tc-constants.ts';
import { type Ingress, ingressOf } from './ingress.ts';
import { getQdiscs, type QdiscDump, readQdisc } from './qdisc.ts';
import { dumpFlood } from './tunnels/fdb.ts';
import { dumpVnis } from './tunnels/trunk.ts';
import { canFlood } from './tunnels/tunnel-data.ts';

/** Kinds of root qdiscs whose options are read. */
const READ_QDISCS: ReadonlySet<string> = new Set(['netem', 'tbf']);

const NO_ROOT = { handle: 0, netem: null, tbf: null } as const;

const NO_INGRESS: Ingress = { redirect: null, program: null };

/**
 * Adds impairments and redirections to links of linkloom's. To save system calls, qdiscs are dumped only if a link's root
 * qdisc is a netem or a tbf (each dumped link names its kind), and filters only for ports that are in no bridge, remote ends only for tunnels that have none of their own. Throws SystemFault.
 */
export function withTraffic(socket: NetlinkSocket, links: readonly LinkDump[]): readonly LinkDump[] {
  const isImpaired = links.some(({ group, qdisc }) => READ_QDISCS.has(qdisc) && isOurGroup(group));
  const roots = new Map(isImpaired ? dumpRoots(socket).map((root) => [root.ifindex, root]) : []);
  return links.map((link) => {
    if (!isOurGroup(link.group)) return link;
    const { handle, netem, tbf } = roots.get(link.ifindex) ?? NO_ROOT;
    const isLoose = link.master === 0 && isPortGroup(link.group) && !link.tunnel?.isExternal;
    const { redirect, program } = isLoose ? ingressOf(socket, link.ifindex) : NO_INGRESS;
    const tunnel = link.tunnel?.remote === '' && !link.tunnel.isExternal ? withFlood(socket, link) : link.tunnel;
    if (netem === null && tbf === null && redirect === null && program === null && tunnel === link.tunnel) return link;
    const given = program === null ? {} : { program: program.id };
    return { ...link, netem: netem && { handle, netem }, tbf: tbf && { handle, ...tbf }, redirect, tunnel, ...given };
  });
}

/** Adds the VNIs that trunks hear. Throws SystemFault. */
export function withVnis(socket: NetlinkSocket, links: readonly LinkDump[]): readonly LinkDump[] {
  if (!links.some(({ tunnel }) => tunnel?.isExternal)) return links;
  return links.map((link) => {
    if (!link.tunnel?.isExternal || !isOurGroup(link.group)) return link;
    return { ...link, tunnel: { ...link.tunnel, vnis: dumpVnis(socket, link.ifindex) } };
  });
}

/** A tunnel with the remote ends that are no setting of its own. */
function withFlood(socket: NetlinkSocket, { tunnel, ifindex, kind }: LinkDump): LinkDump['tunnel'] {
  return tunnel === null || !canFlood(kind) ? tunnel : { ...tunnel, flood: dumpFlood(socket, ifindex) };
}

/** All root qdiscs but the default ones, which the kernel leaves out of the dump. Throws SystemFault. */
function dumpRoots(socket: NetlinkSocket): readonly QdiscDump[] {
  const qdiscs = dump(socket, 'RTM_GETQDISC', (batch) => getQdiscs(batch, NLM_F_DUMP), readQdisc);
  return qdiscs.filter(({ parent }) => parent === TC_H_ROOT);
}
