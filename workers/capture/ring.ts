import type { Tap, TapSettings } from '../../src/wire/capture.ts';
import * as libc from '../libc.ts';
import { Namespaces } from '../namespaces.ts';
import { SOCK_CLOEXEC, SOCK_RAW, SOL_SOCKET } from '../netlink/constants.ts';
import { SystemFault } from '../netlink/fault.ts';
import * as k from './constants.ts';
import { attach, bindTo, closeSockets, type Device, deviceOf, setOption, words } from './socket.ts';

/**
 * After so long the kernel hands over a block that is not full: so long a packet waits at most on a quiet link. A smaller number costs a
 * wake-up more often.
 */
export const RETIRE_MS = 20;

/** What the kernel wants to be a divisor of a block; packets of a ring of this version have no fixed size. */
const FRAME_BYTES = 2048;

/** How large a ring is. */
export type RingSize = NonNullable<TapSettings['ring']>;

/** Packets that arrived and packets of those that were dropped. */
export interface RingCounts {
  readonly received: number;
  readonly dropped: number;
}

/**
 * A socket that captures on one device, and the ring of blocks (TPACKET_V3) in which the kernel puts what it captures. Needs CAP_NET_RAW
 * over the device's namespace. It keeps the namespace alive, so it has to be closed when the namespace goes.
 */
export class PacketRing {
  readonly fd: number;
  readonly blockBytes: number;
  readonly blocks: number;
  readonly device: Device;
  readonly #mapping: libc.Mapping;
  /** The whole ring, as bytes and as words. */
  readonly bytes: Buffer;
  readonly words: Int32Array;
  #counts: RingCounts = { received: 0, dropped: 0 };

  private constructor(fd: number, { blockBytes, blocks }: RingSize, device: Device, mapping: libc.Mapping) {
    this.fd = fd;
    this.blockBytes = blockBytes;
    this.blocks = blocks;
    this.device = device;
    this.#mapping = mapping;
    this.bytes = Buffer.from(mapping.memory);
    this.words = new Int32Array(mapping.memory);
  }

  /** Captures from now on. Throws SystemFault or HomeLost. */
  static open({ ns, dev }: Tap, size: RingSize, program: Uint8Array): PacketRing {
    using spaces = new Namespaces();
    // Without a protocol the socket hears nothing before it is bound to the device.
    const fd = spaces.get(ns).enter(() => libc.socket(k.AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (fd < 0) throw new SystemFault('socket', 'AF_PACKET', -fd);
    let mapping: libc.Mapping | null = null;
    try {
      const device = deviceOf(fd, dev);
      configure(fd, size, program);
      mapping = mapped(fd, size);
      bindTo(fd, dev, device.ifindex);
      return new PacketRing(fd, size, device, mapping);
    } catch (error) {
      mapping?.unmap();
      libc.close(fd);
      throw error;
    }
  }

  /** Whether the device is gone. It may also be only down, which is no reason to end. */
  isGone(): boolean {
    libc.getsockopt(this.fd, SOL_SOCKET, k.SO_ERROR, Buffer.alloc(4));
    const address = Buffer.alloc(k.ADDRESS.bytes);
    return libc.getsockname(this.fd, address) === 0 && address.readInt32LE(k.ADDRESS.ifindex) <= 0;
  }

  /** Takes another filter. Packets in the ring stay. */
  attach(program: Uint8Array): void {
    attach(this.fd, program);
  }

  /** All counts since the ring was opened. The kernel counts from zero after each time that it is asked. */
  counts(): RingCounts {
    // struct tpacket_stats_v3: packets, drops, freezes. Packets include those dropped.
    const statistics = Buffer.alloc(12);
    if (libc.getsockopt(this.fd, k.SOL_PACKET, k.PACKET_STATISTICS, statistics) === 0) {
      this.#counts = {
        received: this.#counts.received + statistics.readUInt32LE(0),
        dropped: this.#counts.dropped + statistics.readUInt32LE(4),
      };
    }
    return this.#counts;
  }

  /** Closes rings, all together. Nothing may use their `bytes` and `words` from now on. */
  static closeAll(rings: readonly PacketRing[]): void {
    for (const ring of rings) ring.#mapping.unmap();
    closeSockets(rings.map(({ fd }) => fd));
  }
}

function configure(fd: number, { blockBytes, blocks }: RingSize, program: Uint8Array): void {
  setOption(fd, k.SOL_PACKET, k.PACKET_VERSION, 'PACKET_VERSION', words(k.TPACKET_V3));
  attach(fd, program);
  // struct tpacket_req3: sizes and numbers of blocks and frames, milliseconds, private bytes, features.
  const frames = (blockBytes / FRAME_BYTES) * blocks;
  const request = words(blockBytes, blocks, FRAME_BYTES, frames, RETIRE_MS, 0, 0);
  setOption(fd, k.SOL_PACKET, k.PACKET_RX_RING, 'PACKET_RX_RING', request);
}

function mapped(fd: number, { blockBytes, blocks }: RingSize): libc.Mapping {
  const mapping = libc.mmap(fd, blockBytes * blocks);
  if (typeof mapping === 'number') throw new SystemFault('mmap', 'AF_PACKET', -mapping);
  return mapping;
}
