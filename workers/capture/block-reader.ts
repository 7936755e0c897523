import * as k from './constants.ts';
import { blockBytesMax, Packet, type PacketSource } from './packet.ts';
import type { PacketRing } from './ring.ts';

/**
 * Reads the packets of a ring, one after the other, and gives its blocks back to the kernel. The layout of blocks and packets is that of
 * TPACKET_V3 (linux/if_packet.h). Its methods run for each packet and make no objects.
 */
export class BlockReader implements PacketSource {
  readonly ring: PacketRing;
  readonly #packet: Packet;
  #block = 0;
  /** Packets of the present block that are still to be read; 0: there is no present block. */
  #left = 0;
  /** Where the present packet begins, in words of the ring. */
  #at = 0;
  /** When the present block was first seen, in milliseconds of the monotonic clock. */
  seenMs = 0;
  /** When the present packet was captured. */
  seconds = 0;
  nanoseconds = 0;
  delivered = 0;

  constructor(ring: PacketRing, id: number, snaplenBytes: number) {
    this.ring = ring;
    this.#packet = new Packet(ring.bytes, snaplenBytes);
    this.#packet.interfaceId = id;
  }

  /** Whether there is a packet. If not, looks whether the kernel has handed over a block. */
  hasPacket(nowMs: number): boolean {
    return this.#left > 0 || this.#open(nowMs);
  }

  /** Goes on to the next packet. False: there is none yet. */
  advance(nowMs: number): boolean {
    this.#left -= 1;
    if (this.#left > 0) {
      this.#goTo(this.#at + this.#word(this.#at + k.PACKET_WORD.next) / 4);
      return true;
    }
    this.#release();
    return this.#open(nowMs);
  }

  /** The size of the present packet's block of pcapng at most. */
  blockBytes(): number {
    return blockBytesMax(this.#word(this.#at + k.PACKET_WORD.captured));
  }

  /** Writes the present packet as a block of pcapng; returns the position behind it. */
  write(out: Buffer, at: number): number {
    const packet = this.#packet;
    packet.from = this.#at * 4 + (this.#word(this.#at + k.PACKET_WORD.offsets) & 0xffff);
    packet.seconds = this.seconds;
    packet.nanoseconds = this.nanoseconds;
    packet.capturedBytes = this.#word(this.#at + k.PACKET_WORD.captured);
    packet.originalBytes = this.#word(this.#at + k.PACKET_WORD.original);
    packet.type = packet.bytes[this.#at * 4 + k.PACKET_ADDRESS + k.ADDRESS.packetType] ?? 0;
    packet.status = this.#word(this.#at + k.PACKET_WORD.status);
    packet.tci = this.#word(this.#at + k.PACKET_WORD.tci) & 0xffff;
    packet.tpid = this.#word(this.#at + k.PACKET_WORD.tpid) & 0xffff;
    this.delivered += 1;
    return packet.write(out, at);
  }

  #open(nowMs: number): boolean {
    const { words, blockBytes } = this.ring;
    const at = (this.#block * blockBytes) / 4;
    // What the kernel wrote before it set the status is seen after this.
    const status = Atomics.load(words, at + k.BLOCK_WORD.status);
    if (!(status & k.TP_STATUS_USER)) return false;
    this.#left = this.#word(at + k.BLOCK_WORD.packets);
    if (this.#left === 0) {
      this.#release();
      return this.#open(nowMs);
    }
    this.seenMs = nowMs;
    this.#goTo(at + this.#word(at + k.BLOCK_WORD.firstPacket) / 4);
    return true;
  }

  #release(): void {
    const { words, blockBytes, blocks } = this.ring;
    Atomics.store(words, (this.#block * blockBytes) / 4 + k.BLOCK_WORD.status, k.TP_STATUS_KERNEL);
    this.#block = (this.#block + 1) % blocks;
  }

  #goTo(at: number): void {
    this.#at = at;
    this.seconds = this.#word(at + k.PACKET_WORD.seconds);
    this.nanoseconds = this.#word(at + k.PACKET_WORD.nanoseconds);
  }

  /** A word of the ring, unsigned. */
  #word(at: number): number {
    return (this.ring.words[at] ?? 0) >>> 0;
  }
}
