/** How much memory a capture uses for what the kernel has seen and nobody has read yet. */

/** As tcpdump and dumpcap have it by default (MAXIMUM_SNAPLEN of libpcap): more than any packet has. */
export const SNAPLEN_MAX_BYTES = 262_144;

/** Room for the kernel's header of a packet, and for a VLAN tag that is put back. */
const OVERHEAD_BYTES = 256;
const BLOCK_LEAST_BYTES = 64 * 1024;
/** One block is filled while others are read. */
const BLOCKS_LEAST = 4;
/** Of all rings together, unless they are so many that each has its least size. */
const TOTAL_BYTES = 64 * 1024 * 1024;

/** As many links have rings: then these take 128 MiB at most. */
export const RING_LINKS_MAX = 256;
/** Of all sockets without rings together, unless they are so many that each has its least size. */
const QUEUES_BYTES = 128 * 1024 * 1024;
/** Some 80 small packets, or 28 of 1,500 bytes. The kernel takes the memory only while packets wait. */
const QUEUE_LEAST_BYTES = 64 * 1024;
const QUEUE_MOST_BYTES = 4 * 1024 * 1024;

export interface RingSize {
  /** A power of two. */
  readonly blockBytes: number;
  readonly blocks: number;
}

/** The ring of each of so many links. A packet of `snaplenBytes` fits into a block. */
export function ringSize(links: number, snaplenBytes: number): RingSize {
  const share = TOTAL_BYTES / Math.max(1, links);
  const least = powerOfTwo(Math.max(BLOCK_LEAST_BYTES, Math.min(snaplenBytes, PACKET_MOST_BYTES) + OVERHEAD_BYTES));
  const blockBytes = Math.max(least, Math.min(BLOCK_MOST_BYTES, powerOfTwo(share / 32)));
  return { blockBytes, blocks: Math.max(BLOCKS_LEAST, Math.floor(share / blockBytes)) };
}

/** With the largest MTU, or put together by segmentation offload, a packet has 64 KiB and its headers. Larger ones (BIG TCP) are cut. */
export const PACKET_MOST_BYTES = 66_000;
const BLOCK_MOST_BYTES = 1024 * 1024;

/** How much may wait in each of so many sockets without rings, by the kernel's own account of its memory. An even number. */
export function queueBytes(sockets: number): number {
  const share = 2 * Math.floor(QUEUES_BYTES / 2 / Math.max(1, sockets));
  return Math.max(QUEUE_LEAST_BYTES, Math.min(QUEUE_MOST_BYTES, share));
}

function powerOfTwo(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(bytes));
}
