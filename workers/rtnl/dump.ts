import { PROTOCOL } from '../../src/net/mark.ts';
import type { AddressDump, LinkDump, RouteDump } from '../../src/wire/seen.ts';
import { ask, dump } from '../netlink/ask.ts';
import * as nl from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { sendOne } from '../netlink/send-each.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { readAddress } from './address-dump.ts';
import { getLink, getLinkElsewhere, namespaceId } from './link.ts';
import { readLink } from './link-dump.ts';
import { readRoute } from './route-dump.ts';

/** All links of the socket's namespace. Throws SystemFault. */
export function dumpLinks(socket: NetlinkSocket, wantsCounters: boolean): LinkDump[] {
  return dumpLinksAs(socket, wantsCounters, (bytes, start, end) => readLink(bytes, start, end, wantsCounters));
}

/** The same, each link read by `read`; null is left out. */
export function dumpLinksAs<T>(
  socket: NetlinkSocket,
  wantsCounters: boolean,
  read: (bytes: Buffer, start: number, end: number) => T | null,
): T[] {
  const write = (request: MessageBatch): void => {
    request.begin(nl.RTM_GETLINK, nl.NLM_F_DUMP);
    request.u32x4(0, 0, 0, 0);
    // Without this filter the kernel sums up the counters of every CPU for each link.
    if (!wantsCounters) request.attrU32(nl.IFLA_EXT_MASK, nl.RTEXT_FILTER_SKIP_STATS);
    request.end();
  };
  return dump(socket, 'RTM_GETLINK', write, read);
}

/** All IPv4 and IPv6 addresses. Throws SystemFault. */
export function dumpAddresses(socket: NetlinkSocket): AddressDump[] {
  return dump(socket, 'RTM_GETADDR', askAddresses, readAddress);
}

/** Writes the request for the addresses of both families: a struct ifaddrmsg of zeros. */
export function askAddresses(request: MessageBatch): void {
  request.begin(nl.RTM_GETADDR, nl.NLM_F_DUMP);
  for (let word = 0; word < 2; word++) request.u32(0);
  request.end();
}

/**
 * All IPv4 and IPv6 routes with linkloom's protocol number. Since Linux 4.20 the kernel leaves out the others, which are many
 * on each device. Throws SystemFault.
 */
export function dumpRoutes(socket: NetlinkSocket): RouteDump[] {
  return [nl.AF_INET, nl.AF_INET6].flatMap((family) => dumpRoutesOf(socket, family));
}

function dumpRoutesOf(socket: NetlinkSocket, family: number): RouteDump[] {
  return dump(
    socket,
    'RTM_GETROUTE',
    (request) => {
      request.begin(nl.RTM_GETROUTE, nl.NLM_F_DUMP);
      // struct rtmsg: family and three lengths, table, protocol, scope, type, flags.
      request.u32(family);
      request.u32(PROTOCOL << 8);
      request.u32(0);
      request.end();
    },
    readRoute,
  );
}

/** One link, by index or name; null if there is none. Throws SystemFault. */
export function lookUp(
  socket: NetlinkSocket,
  key: { readonly ifindex: number } | { readonly ifname: string },
): LinkDump | null {
  let found: LinkDump | null = null;
  const write = (batch: MessageBatch): void => getLink(batch, key);
  const { errno, message } = ask(socket, write, (type, bytes, start, end) => {
    if (type === nl.RTM_NEWLINK) found = readLink(bytes, start, end, false);
  });
  if (errno !== 0 && errno !== ERRNO.ENODEV) {
    throw new SystemFault('RTM_GETLINK', 'ifname' in key ? key.ifname : String(key.ifindex), errno, message);
  }
  return found;
}

/**
 * One link of another namespace, by index. `nsid`: the id by which the socket's namespace knows that one (-1: itself). Null:
 * the link or the namespace is gone. Throws SystemFault.
 */
export function lookUpElsewhere(socket: NetlinkSocket, ifindex: number, nsid: number): LinkDump | null {
  if (nsid < 0) return lookUp(socket, { ifindex });
  let found: LinkDump | null = null;
  const write = (batch: MessageBatch): void => getLinkElsewhere(batch, ifindex, nsid);
  const { errno, message } = ask(socket, write, (type, bytes, start, end) => {
    if (type === nl.RTM_NEWLINK) found = readLink(bytes, start, end, false);
  });
  // EINVAL: no living namespace has the id (rtnl_get_net_ns_capable).
  if (errno !== 0 && errno !== ERRNO.ENODEV && errno !== ERRNO.EINVAL)
    throw new SystemFault('RTM_GETLINK', String(ifindex), errno, message);
  return found;
}

/** The id by which the socket's namespace knows that of a descriptor. The kernel assigns one if there is none. Throws SystemFault. */
export function namespaceIdOf(socket: NetlinkSocket, fd: number): number {
  const known = queryNamespaceId(socket, fd);
  if (known >= 0) return known;
  const nack = sendOne(socket, (batch) => namespaceId(batch, nl.RTM_NEWNSID, fd, -1));
  if (nack && nack.errno !== ERRNO.EEXIST) throw new SystemFault('RTM_NEWNSID', '', nack.errno, nack.message);
  return queryNamespaceId(socket, fd);
}

function queryNamespaceId(socket: NetlinkSocket, fd: number): number {
  let nsid = -1;
  const write = (batch: MessageBatch): void => namespaceId(batch, nl.RTM_GETNSID, fd, null);
  const { errno, message } = ask(socket, write, (_type, bytes, start, end) => {
    // struct rtgenmsg, padded, then NETNSA_NSID first (rtnl_net_fill).
    if (start + 12 <= end) nsid = bytes.readInt32LE(start + 8);
  });
  if (errno !== 0) throw new SystemFault('RTM_GETNSID', '', errno, message);
  return nsid;
}
