import { addressBytes, addressText } from '../../../src/net/address.ts';
import { dump } from '../../netlink/ask.ts';
import { eachAttribute } from '../../netlink/attributes.ts';
import * as nl from '../../netlink/constants.ts';
import type { MessageBatch } from '../../netlink/message.ts';
import type { NetlinkSocket } from '../../netlink/socket.ts';

/** Size of struct ndmsg. */
const NDMSG_BYTES = 12;
/** The address of which the entries are where a vxlan sends what is for everybody, or for an address that it has not learned. */
const ALL_ZEROS = new Uint8Array(6);

/** Adds a remote end to a vxlan. One that is there already is no failure (vxlan_fdb_append). */
export function addFlood(batch: MessageBatch, ifindex: number, remote: string): void {
  entry(batch, nl.RTM_NEWNEIGH, nl.NLM_F_CREATE | nl.NLM_F_APPEND, ifindex, remote);
}

/** Removes a remote end of a vxlan. */
export function deleteFlood(batch: MessageBatch, ifindex: number, remote: string): void {
  entry(batch, nl.RTM_DELNEIGH, 0, ifindex, remote);
}

function entry(batch: MessageBatch, type: number, flags: number, ifindex: number, remote: string): void {
  batch.begin(type, flags);
  neighbour(batch, ifindex, nl.NUD_PERMANENT, nl.NTF_SELF);
  batch.attrBytes(nl.NDA_LLADDR, ALL_ZEROS);
  batch.attrBytes(nl.NDA_DST, addressBytes(remote));
  batch.end();
}

/** Struct ndmsg: family, three bytes of padding, index, state (two bytes), flags, type. */
function neighbour(batch: MessageBatch, ifindex: number, state: number, flags: number): void {
  batch.u32(nl.AF_BRIDGE);
  batch.u32(ifindex);
  batch.u32(state | (flags << 16));
}

/** The remote ends of a vxlan to which it sends what is for everybody. Throws SystemFault. */
export function dumpFlood(socket: NetlinkSocket, ifindex: number): string[] {
  return dump(
    socket,
    'RTM_GETNEIGH',
    (request) => {
      request.begin(nl.RTM_GETNEIGH, nl.NLM_F_DUMP);
      // With the index the kernel leaves out all other devices (valid_fdb_dump_strict).
      neighbour(request, ifindex, 0, 0);
      request.end();
    },
    (bytes, start, end) => (bytes.readInt32LE(start + 4) === ifindex ? readFlood(bytes, start, end) : null),
  );
}

/** null: the entry is another one, as those that the device has learned. */
function readFlood(bytes: Buffer, start: number, end: number): string | null {
  let isFlood = false;
  let remote = '';
  eachAttribute(bytes, start + NDMSG_BYTES, end, (type, at, length) => {
    const from = at + nl.NLA_HDRLEN;
    const size = length - nl.NLA_HDRLEN;
    if (type === nl.NDA_LLADDR) isFlood = size === 6 && bytes.subarray(from, from + size).every((byte) => byte === 0);
    else if (type === nl.NDA_DST) remote = addressText(bytes, from, size);
  });
  return isFlood && remote !== '' ? remote : null;
}
