import { addressBytes } from '../../src/net/address.ts';
import type { Underlay } from '../../src/wire/machine.ts';
import { ask } from '../netlink/ask.ts';
import { attrU32, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { lookUp } from '../rtnl/dump.ts';
import { routeTo } from '../rtnl/tunnels/tunnel.ts';

/** Size of struct rtmsg. */
const RTMSG_BYTES = 12;

/** By which device a remote is reached, and how large a packet that takes; null: no route leads there. */
export function underlayOf(socket: NetlinkSocket, remote: string): Underlay | null {
  const bytes = addressBytes(remote);
  let oif = 0;
  ask(socket, routeTo(bytes), (type, answer, start, end) => {
    if (type !== nl.RTM_NEWROUTE) return;
    eachAttribute(answer, start + RTMSG_BYTES, end, (attribute, at, length) => {
      if (attribute === nl.RTA_OIF) oif = attrU32(answer, at, length);
    });
  });
  const device = oif === 0 ? null : lookUp(socket, { ifindex: oif });
  return device === null ? null : { remote, dev: device.ifname, mtuBytes: device.mtuBytes };
}
