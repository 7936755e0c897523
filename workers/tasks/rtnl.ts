import type { RtnlResult } from '../../src/wire/task.ts';
import { LOOPBACK_INDEX } from '../netlink/constants.ts';
import { sendOne } from '../netlink/send-each.ts';
import { NetlinkSocket } from '../netlink/socket.ts';
import { changeLink, UNCHANGED } from '../rtnl/link.ts';

/**
 * Sends a change of `lo` that names nothing to be changed. The kernel takes RTNL for it (rtnl_setlink of net/core/rtnetlink.c), and
 * tells nobody. Throws SystemFault without a socket.
 */
export function rtnl(): RtnlResult {
  using socket = new NetlinkSocket();
  const startedMs = performance.now();
  const nack = sendOne(socket, (batch) => changeLink(batch, { ifindex: LOOPBACK_INDEX }, UNCHANGED));
  return { waitMs: nack === null ? performance.now() - startedMs : null };
}
