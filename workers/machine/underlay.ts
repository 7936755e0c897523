import { addressBytes } from '../../src/net/address.ts';
import type { Underlay } from '../../src/wire/machine.ts';
import { attrU32, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import { MessageBatch } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { lookUp } from '../rtnl/dump.ts';

/** Size of struct rtmsg. */
const RTMSG_BYTES = 12;

/** By which device a remote is reached, and how large a packet that takes; null: no route leads there. */
export function underlayOf(socket: NetlinkSocket, remote: string): Underlay | null {
  const bytes = addressBytes(remote);
  const batch = new MessageBatch();
  batch.begin(nl.RTM_GETROUTE, 0);
  // struct rtmsg: family, length of the destination in bits, and nothing else.
  batch.u32((bytes.length === 4 ? nl.AF_INET : nl.AF_INET6) | ((bytes.length * 8) << 8));
  batch.u32(0);
  batch.u32(0);
  batch.attrBytes(nl.RTA_DST, bytes);
  batch.end();
  let oif = 0;
  socket.query(batch, (type, answer, start, end) => {
    if (type !== nl.RTM_NEWROUTE) return;
    eachAttribute(answer, start + RTMSG_BYTES, end, (attribute, at, length) => {
      if (attribute === nl.RTA_OIF) oif = attrU32(answer, at, length);
    });
  });
  const device = oif === 0 ? null : lookUp(socket, { ifindex: oif });
  return device === null ? null : { remote, dev: device.ifname, mtuBytes: device.mtuBytes };
}
