import { ask } from '../netlink/ask.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { NetlinkSocket } from '../netlink/socket.ts';

/** linux/netlink.h, linux/genetlink.h, linux/openvswitch.h. */
const NETLINK_GENERIC = 16;
const GENL_ID_CTRL = 0x10;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_VERSION = 1;
const CTRL_ATTR_FAMILY_NAME = 2;
const OVS_DATAPATH_FAMILY = 'ovs_datapath';

/** Whether the kernel has Open vSwitch's datapath. The question makes the kernel load its module (net/netlink/genetlink.c). */
export function kernelHasDatapath(): boolean {
  using socket = new NetlinkSocket(NETLINK_GENERIC);
  const write = (batch: MessageBatch): void => {
    batch.begin(GENL_ID_CTRL, 0);
    batch.u32(CTRL_CMD_GETFAMILY | (CTRL_VERSION << 8));
    batch.attrText(CTRL_ATTR_FAMILY_NAME, OVS_DATAPATH_FAMILY);
    batch.end();
  };
  return ask(socket, write, () => {}).errno === 0;
}
