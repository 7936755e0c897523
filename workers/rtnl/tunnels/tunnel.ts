import { addressBytes, addressText } from '../../../src/net/address.ts';
import type { TunnelAdd } from '../../../src/wire/ops/switch.ts';
import { ask } from '../../netlink/ask.ts';
import { eachAttribute } from '../../netlink/attributes.ts';
import * as nl from '../../netlink/constants.ts';
import { SystemFault } from '../../netlink/fault.ts';
import type { MessageBatch } from '../../netlink/message.ts';
import type { NetlinkSocket } from '../../netlink/socket.ts';
import { header } from '../link.ts';
import { tunnelData } from './tunnel-data.ts';

/** Size of struct rtmsg. */
const RTMSG_BYTES = 12;

/** What creating a tunnel needs beyond the op. */
export interface TunnelOutside {
  /** Descriptor of the device's namespace. Null: the message is sent in that namespace. */
  readonly targetFd: number | null;
  readonly local: string | null;
  /** Whether the kernel chooses a temporary name, because the device is moved and renamed afterwards. */
  readonly isNameless: boolean;
}

/** The kernel replaces %d by the first free number. */
const NAMELESS = 'linkloom%d';

/**
 * RTM_NEWLINK that creates a tunnel, down. It must be sent in the underlay's namespace: a tunnel sends its packets from the
 * namespace in which this message was sent.
 */
export function createTunnel(batch: MessageBatch, op: TunnelAdd, ifindex: number | null, outside: TunnelOutside): void {
  batch.begin(nl.RTM_NEWLINK, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  header(batch, ifindex ?? 0, 0, 0);
  batch.attrText(nl.IFLA_IFNAME, outside.isNameless ? NAMELESS : op.dev);
  batch.attrU32(nl.IFLA_GROUP, op.group);
  if (outside.targetFd !== null) batch.attrU32(nl.IFLA_NET_NS_FD, outside.targetFd);
  const info = batch.nest(nl.IFLA_LINKINFO);
  batch.attrText(nl.IFLA_INFO_KIND, op.kind);
  const data = batch.nest(nl.IFLA_INFO_DATA);
  tunnelData(op.kind).write(batch, op, outside.local);
  batch.nestEnd(data);
  batch.nestEnd(info);
  batch.end();
}

/** RTM_NEWLINK that moves a device into the namespace of a descriptor and renames it. */
export function moveTunnel(batch: MessageBatch, ifindex: number, targetFd: number, ifname: string): void {
  batch.begin(nl.RTM_NEWLINK, 0);
  header(batch, ifindex, 0, 0);
  batch.attrText(nl.IFLA_IFNAME, ifname);
  batch.attrU32(nl.IFLA_NET_NS_FD, targetFd);
  batch.end();
}

/** Writes the request for the route to an address. */
export function routeTo(address: Uint8Array): (batch: MessageBatch) => void {
  return (batch) => {
    batch.begin(nl.RTM_GETROUTE, 0);
    // struct rtmsg: family, and the length of the destination in bits. The rest is 0.
    batch.u32((address.length === 4 ? nl.AF_INET : nl.AF_INET6) | ((address.length * 8) << 8));
    batch.u32(0);
    batch.u32(0);
    batch.attrBytes(nl.RTA_DST, address);
    batch.end();
  };
}

/** The source address that the route to a remote gives to packets. Throws SystemFault if there is no route. */
export function sourceTo(socket: NetlinkSocket, remote: string): string | null {
  const bytes = addressBytes(remote);
  let source: string | null = null;
  const { errno, message } = ask(socket, routeTo(bytes), (type, answer, start, end) => {
    if (type !== nl.RTM_NEWROUTE) return;
    eachAttribute(answer, start + RTMSG_BYTES, end, (attribute, at, length) => {
      if (attribute === nl.RTA_PREFSRC) source = addressText(answer, at + nl.NLA_HDRLEN, length - nl.NLA_HDRLEN);
    });
  });
  if (errno !== 0) throw new SystemFault('RTM_GETROUTE', remote, errno, message);
  return source;
}
