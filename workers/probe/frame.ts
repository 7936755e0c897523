/**
 * `probe/` sends and receives the probes by which linkloom proves where wires go. What to send and what it means is decided in
 * `src/proof/`.
 *
 * This file: the bytes of a probe. Behind the header of Ethernet (and of IP, where the end has no layer 2 of its own) it has, in
 * network byte order: magic, 8 bytes that tell this run from others, the probe's number, the sending end's number, the length of
 * the frame, and a checksum of all these. What follows is zero.
 */

/** IEEE 802, local experimental EtherType 1 (linux/if_ether.h has no name for it). */
export const PROBE_ETHERTYPE = 0x88b5;
/** linux/if_ether.h. */
export const ETH_HEADER_BYTES = 14;
const ETH_ALEN = 6;
/** The shortest frame, without its checksum (ETH_ZLEN). */
export const FRAME_BYTES_MIN = 60;

/** How a probe begins. */
export const PROBE_MAGIC = 0x4c4b5052;
/** Bytes of a probe behind the headers. */
export const PROBE_BYTES = 28;

/** What a probe says of itself. */
export interface Probe {
  readonly number: number;
  readonly from: number;
  readonly bytes: number;
}

/** Writes the probe's own part at `at`. `run` is 8 bytes. */
export function writeProbe(frame: Buffer, at: number, run: Buffer, { number, from, bytes }: Probe): void {
  frame.writeUInt32BE(PROBE_MAGIC, at);
  run.copy(frame, at + 4);
  frame.writeUInt32BE(number, at + 12);
  frame.writeUInt32BE(from, at + 16);
  frame.writeUInt32BE(bytes, at + 20);
  frame.writeUInt32BE(checksum(frame, at), at + 24);
}

/** Reads the probe's part at `at`; null where it is none of this run, or is damaged. */
export function readProbe(frame: Buffer, at: number, run: Buffer): Probe | null {
  if (frame.readUInt32BE(at) !== PROBE_MAGIC) return null;
  if (frame.readUInt32BE(at + 4) !== run.readUInt32BE(0) || frame.readUInt32BE(at + 8) !== run.readUInt32BE(4))
    return null;
  if (frame.readUInt32BE(at + 24) !== checksum(frame, at)) return null;
  return { number: frame.readUInt32BE(at + 12), from: frame.readUInt32BE(at + 16), bytes: frame.readUInt32BE(at + 20) };
}

/** FNV-1a over the fields (Fowler, Noll, Vo): a flipped bit shows. */
function checksum(frame: Buffer, at: number): number {
  let sum = 0x811c9dc5;
  for (let offset = 0; offset < PROBE_BYTES - 4; offset++) {
    sum = Math.imul(sum ^ (frame[at + offset] ?? 0), 0x01000193);
  }
  return sum >>> 0;
}

/** Writes the header of Ethernet. `to` null: broadcast. */
export function writeHeader(frame: Buffer, to: Uint8Array | null, from: Uint8Array, ethertype: number): void {
  if (to === null) frame.fill(0xff, 0, ETH_ALEN);
  else frame.set(to, 0);
  frame.set(from, ETH_ALEN);
  frame.writeUInt16BE(ethertype, 2 * ETH_ALEN);
}
