import type { Tap } from '../../src/wire/capture.ts';
import * as libc from '../libc.ts';
import { Namespaces } from '../namespaces.ts';
import { SOCK_CLOEXEC, SOCK_RAW, SOL_SOCKET } from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { lookUp } from '../rtnl/dump.ts';
import * as k from './constants.ts';

/**
 * After so long the kernel hands over a block that is not full: so long a packet waits at most on a quiet link. A smaller number costs a
 * wake-up more often.
 */
export const RETIRE_MS = 20;

/** How many sockets are closed at the same time: each takes a thread for as long as the kernel waits. */
const CLOSED_AT_ONCE = 64;

/** What the kernel wants to be a divisor of a block; packets of a ring of this version have no fixed size. */
const FRAME_BYTES = 2048;

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
  readonly hardwareType: number;
  readonly mac: Uint8Array | null;
  readonly isUp: boolean;
  readonly #mapping: libc.Mapping;
  /** The whole ring, as bytes and as words. */
  readonly bytes: Buffer;
  readonly words: Int32Array;
  #counts: RingCounts = { received: 0, dropped: 0 };

  private constructor(fd: number, tap: Tap, device: Device, mapping: libc.Mapping) {
    this.fd = fd;
    this.blockBytes = tap.blockBytes;
    this.blocks = tap.blocks;
    this.hardwareType = device.hardwareType;
    this.mac = device.mac;
    this.isUp = device.isUp;
    this.#mapping = mapping;
    this.bytes = Buffer.from(mapping.memory);
    this.words = new Int32Array(mapping.memory);
  }

  /** Captures from now on. Throws SystemFault or HomeLost. */
  static open(tap: Tap): PacketRing {
    using spaces = new Namespaces();
    const space = spaces.get(tap.ns);
    const link = lookUp(space.socket, { ifname: tap.dev });
    if (link === null) throw new SystemFault('bind', tap.dev, ERRNO.ENODEV);
    // Without a protocol the socket hears nothing before it is bound to the device.
    const fd = space.enter(() => libc.socket(k.AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (fd < 0) throw new SystemFault('socket', 'AF_PACKET', -fd);
    let mapping: libc.Mapping | null = null;
    try {
      configure(fd, tap);
      mapping = mapped(fd, tap);
      const hardwareType = bind(fd, tap.dev, link.ifindex);
      return new PacketRing(fd, tap, { hardwareType, mac: macBytes(link.mac), isUp: link.up }, mapping);
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

  /** Closes rings, all together: the kernel waits tens of milliseconds for each. Nothing may use their `bytes` and `words` from now on. */
  static closeAll(rings: readonly PacketRing[]): void {
    for (const ring of rings) ring.#mapping.unmap();
    for (let from = 0; from < rings.length; from += CLOSED_AT_ONCE) {
      libc.closeTogether(rings.slice(from, from + CLOSED_AT_ONCE).map(({ fd }) => fd));
    }
  }
}

interface Device {
  readonly hardwareType: number;
  readonly mac: Uint8Array | null;
  readonly isUp: boolean;
}

function configure(fd: number, { blockBytes, blocks, program }: Tap): void {
  set(fd, k.SOL_PACKET, k.PACKET_VERSION, 'PACKET_VERSION', words(k.TPACKET_V3));
  attach(fd, program);
  // struct tpacket_req3: sizes and numbers of blocks and frames, milliseconds, private bytes, features.
  const frames = (blockBytes / FRAME_BYTES) * blocks;
  const request = words(blockBytes, blocks, FRAME_BYTES, frames, RETIRE_MS, 0, 0);
  set(fd, k.SOL_PACKET, k.PACKET_RX_RING, 'PACKET_RX_RING', request);
}

/** `struct sock_fprog`: the number of instructions, and where they are. */
function attach(fd: number, program: Uint8Array): void {
  const instructions = new ArrayBuffer(program.length);
  new Uint8Array(instructions).set(program);
  const fprog = Buffer.alloc(16);
  fprog.writeUInt16LE(program.length / 8, 0);
  fprog.writeBigUInt64LE(libc.addressOf(instructions), 8);
  set(fd, SOL_SOCKET, k.SO_ATTACH_FILTER, 'SO_ATTACH_FILTER', fprog);
}

function set(fd: number, level: number, name: number, subject: string, value: Uint8Array): void {
  const done = libc.setsockopt(fd, level, name, value);
  if (done < 0) throw new SystemFault('setsockopt', subject, -done);
}

function mapped(fd: number, { blockBytes, blocks }: Tap): libc.Mapping {
  const mapping = libc.mmap(fd, blockBytes * blocks);
  if (typeof mapping === 'number') throw new SystemFault('mmap', 'AF_PACKET', -mapping);
  return mapping;
}

/** Returns the device's hardware type. */
function bind(fd: number, dev: string, ifindex: number): number {
  const address = Buffer.alloc(k.ADDRESS.bytes);
  address.writeUInt16LE(k.AF_PACKET, 0);
  address.writeUInt16LE(k.ALL_PROTOCOLS, k.ADDRESS.protocol);
  address.writeInt32LE(ifindex, k.ADDRESS.ifindex);
  const bound = libc.bind(fd, address);
  if (bound < 0) throw new SystemFault('bind', dev, -bound);
  const named = libc.getsockname(fd, address);
  if (named < 0) throw new SystemFault('getsockname', dev, -named);
  return address.readUInt16LE(k.ADDRESS.hardwareType);
}

function macBytes(mac: string): Uint8Array | null {
  const bytes = Buffer.from(mac.replaceAll(':', ''), 'hex');
  return bytes.length === 6 ? bytes : null;
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, index * 4);
  });
  return bytes;
}
