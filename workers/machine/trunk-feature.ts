import { TRUNK_PROGRAM } from '../../src/wire/trunk.ts';
import { testRun, update } from '../bpf/call.ts';
import { TrunkMaps } from '../bpf/trunk-maps.ts';
import { keyOf, outValue } from '../bpf/trunk-program.ts';
import { LOOPBACK_INDEX, RTM_NEWTUNNEL } from '../netlink/constants.ts';
import { isExhausted, SystemFault } from '../netlink/fault.ts';
import { sendEach } from '../netlink/send-each.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { TC_ACT_REDIRECT } from '../netlink/tc-constants.ts';
import { programFilter } from '../rtnl/filter.ts';
import { createIngress } from '../rtnl/qdisc.ts';
import { changeVnis, createTrunk } from '../rtnl/tunnels/trunk.ts';

/** Any will do: nothing is sent. */
const TRIED = { dev: 'trunk', ifindex: 1000, vni: 1, dstPort: 8473, remote: '192.0.2.1', local: '192.0.2.2' } as const;
/** An Ethernet frame of the least length. */
const FRAME_BYTES = 60;

/**
 * Whether the kernel has all that a trunk needs, and this process may use it. A trunk with a wire is made in this namespace, which is to be
 * thrown away, and its program is run on a frame that goes nowhere: so a kernel is found out in which the program can't say the tunnel's own
 * address (before Linux 6.0).
 */
export function hasTrunk(socket: NetlinkSocket): boolean {
  const { ifindex } = TRIED;
  try {
    using maps = TrunkMaps.make(16);
    const refused = sendEach(socket, [null], (batch) => {
      createTrunk(batch, { ...TRIED, group: 0 }, ifindex, null);
      changeVnis(batch, RTM_NEWTUNNEL, ifindex, [[TRIED.vni, TRIED.vni]]);
      createIngress(batch, ifindex);
      programFilter(batch, ifindex, maps.program.fd, TRUNK_PROGRAM);
    });
    if (refused.length > 0) return false;
    update(maps.out, 'probe', keyOf(LOOPBACK_INDEX), outValue({ ...TRIED, trunk: ifindex }));
    return testRun(maps.program, new ArrayBuffer(FRAME_BYTES), LOOPBACK_INDEX) === TC_ACT_REDIRECT;
  } catch (error) {
    if (error instanceof SystemFault && !isExhausted(error)) return false;
    throw error;
  }
}
