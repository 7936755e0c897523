import { dump } from '../../netlink/ask.ts';
import { attrU32, eachAttribute } from '../../netlink/attributes.ts';
import * as nl from '../../netlink/constants.ts';
import type { MessageBatch } from '../../netlink/message.ts';
import type { NetlinkSocket } from '../../netlink/socket.ts';
import { header } from '../link.ts';

/** Size of struct tunnel_msg (linux/if_link.h). */
const TUNNEL_MSG_BYTES = 8;

/** A range of VNIs, `[first, last]`. */
export type VniRange = readonly [number, number];

/** What a trunk's device is made of. */
export interface TrunkDevice {
  readonly dev: string;
  readonly group: number;
  readonly dstPort: number;
}

/**
 * RTM_NEWLINK that creates a trunk, down: a vxlan of which each packet says where it goes, and which hears the VNIs that it is given
 * (`external vnifilter`, since Linux 5.18). As that of any vxlan the message is sent in the underlay's namespace. It learns no addresses.
 */
export function createTrunk(
  batch: MessageBatch,
  { dev, group, dstPort }: TrunkDevice,
  ifindex: number | null,
  targetFd: number | null,
): void {
  batch.begin(nl.RTM_NEWLINK, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  header(batch, ifindex ?? 0, 0, 0);
  batch.attrText(nl.IFLA_IFNAME, dev);
  batch.attrU32(nl.IFLA_GROUP, group);
  if (targetFd !== null) batch.attrU32(nl.IFLA_NET_NS_FD, targetFd);
  const info = batch.nest(nl.IFLA_LINKINFO);
  batch.attrText(nl.IFLA_INFO_KIND, 'vxlan');
  const data = batch.nest(nl.IFLA_INFO_DATA);
  batch.attrU8(nl.IFLA_VXLAN_COLLECT_METADATA, 1);
  batch.attrU8(nl.IFLA_VXLAN_VNIFILTER, 1);
  batch.attrU8(nl.IFLA_VXLAN_LEARNING, 0);
  // In network byte order.
  batch.attrBytes(nl.IFLA_VXLAN_PORT, Uint8Array.of(dstPort >> 8, dstPort & 0xff));
  batch.nestEnd(data);
  batch.nestEnd(info);
  batch.end();
}

/** Has a trunk hear VNIs, or not hear them any more. One that it hears already is no failure (vxlan_vni_add). */
export function changeVnis(
  batch: MessageBatch,
  type: typeof nl.RTM_NEWTUNNEL | typeof nl.RTM_DELTUNNEL,
  ifindex: number,
  ranges: readonly VniRange[],
): void {
  batch.begin(type, 0);
  tunnelHeader(batch, ifindex);
  for (const [first, last] of ranges) {
    const entry = batch.nest(nl.VXLAN_VNIFILTER_ENTRY);
    batch.attrU32(nl.VXLAN_VNIFILTER_ENTRY_START, first);
    if (last > first) batch.attrU32(nl.VXLAN_VNIFILTER_ENTRY_END, last);
    batch.nestEnd(entry);
  }
  batch.end();
}

/** struct tunnel_msg: family, flags, two bytes of padding, index. */
function tunnelHeader(batch: MessageBatch, ifindex: number): void {
  batch.u32(nl.AF_BRIDGE);
  batch.u32(ifindex);
}

/** The VNIs that a trunk hears. Empty: none, or the device has no such filter. Throws SystemFault. */
export function dumpVnis(socket: NetlinkSocket, ifindex: number): VniRange[] {
  const write = (batch: MessageBatch): void => {
    batch.begin(nl.RTM_GETTUNNEL, nl.NLM_F_DUMP);
    tunnelHeader(batch, ifindex);
    batch.end();
  };
  const read = (bytes: Buffer, start: number, end: number): VniRange[] | null =>
    bytes.readInt32LE(start + 4) === ifindex ? readVnis(bytes, start + TUNNEL_MSG_BYTES, end) : null;
  return dump(socket, 'RTM_GETTUNNEL', write, read).flat();
}

function readVnis(bytes: Buffer, start: number, end: number): VniRange[] {
  const ranges: VniRange[] = [];
  eachAttribute(bytes, start, end, (type, at, length) => {
    if (type !== nl.VXLAN_VNIFILTER_ENTRY) return;
    let first = 0;
    let last = 0;
    eachAttribute(bytes, at + nl.NLA_HDRLEN, at + length, (inner, place, size) => {
      if (inner === nl.VXLAN_VNIFILTER_ENTRY_START) first = attrU32(bytes, place, size);
      else if (inner === nl.VXLAN_VNIFILTER_ENTRY_END) last = attrU32(bytes, place, size);
    });
    ranges.push([first, Math.max(first, last)]);
  });
  return ranges;
}

/** VNIs as ranges, in order. */
export function rangesOf(vnis: Iterable<number>): readonly VniRange[] {
  const ranges: [number, number][] = [];
  for (const vni of [...new Set(vnis)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === vni - 1) last[1] = vni;
    else ranges.push([vni, vni]);
  }
  return ranges;
}
