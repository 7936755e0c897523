import { PACKET_FLAGS, PACKET_HEADER_BYTES, packetBlockBytes, writePacketBlock } from '../../src/capture/pcapng.ts';
import * as k from './constants.ts';
import type { PacketRing } from './ring.ts';

/** VLAN tags stand behind the two addresses of an Ethernet frame. */
const TAG_AT = 12;
const TAG_BYTES = 4;

/** By sll_pkttype: PACKET_HOST, PACKET_BROADCAST, PACKET_MULTICAST, PACKET_OTHERHOST, PACKET_OUTGOING. */
const FLAGS: readonly number[] = [
  PACKET_FLAGS.inbound | PACKET_FLAGS.unicast,
  PACKET_FLAGS.inbound | PACKET_FLAGS.broadcast,
  PACKET_FLAGS.inbound | PACKET_FLAGS.multicast,
  PACKET_FLAGS.inbound | PACKET_FLAGS.promiscuous,
  PACKET_FLAGS.outbound,
];

/**
 * Reads the packets of a ring, one after the other, and gives its blocks back to the kernel. The layout of blocks and packets is that of
 * TPACKET_V3 (linux/if_packet.h). Its methods run for each packet and make no objects.
 */
export class BlockReader {
  readonly ring: PacketRing;
  readonly #id: number;
  readonly #snaplenBytes: number;
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
  readonly #facts = { interfaceId: 0, seconds: 0, nanoseconds: 0, capturedBytes: 0, originalBytes: 0, flags: 0 };

  constructor(ring: PacketRing, id: number, snaplenBytes: number) {
    this.ring = ring;
    this.#id = id;
    this.#snaplenBytes = snaplenBytes;
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
    return packetBlockBytes(this.#word(this.#at + k.PACKET_WORD.captured) + TAG_BYTES);
  }

  /** Writes the present packet as a block of pcapng; returns the position behind it. */
  write(out: Buffer, at: number): number {
    const { bytes } = this.ring;
    const captured = this.#word(this.#at + k.PACKET_WORD.captured);
    const from = this.#at * 4 + (this.#word(this.#at + k.PACKET_WORD.offsets) & 0xffff);
    const tag = captured >= TAG_AT ? this.#tag() : -1;
    const tagBytes = tag < 0 ? 0 : TAG_BYTES;
    const facts = this.#facts;
    facts.interfaceId = this.#id;
    facts.seconds = this.seconds;
    facts.nanoseconds = this.nanoseconds;
    facts.capturedBytes = tag < 0 ? captured : Math.min(captured + TAG_BYTES, Math.max(captured, this.#snaplenBytes));
    facts.originalBytes = this.#word(this.#at + k.PACKET_WORD.original) + tagBytes;
    facts.flags = FLAGS[bytes[this.#at * 4 + k.PACKET_ADDRESS + k.ADDRESS.packetType] ?? 0] ?? PACKET_FLAGS.inbound;
    const data = at + PACKET_HEADER_BYTES;
    if (tag < 0) bytes.copy(out, data, from, from + captured);
    else this.#copyTagged(out, data, from, tag);
    writePacketBlock(out, at, facts);
    this.delivered += 1;
    return at + packetBlockBytes(facts.capturedBytes);
  }

  /** The VLAN tag that the kernel has taken off the bytes, as a number of 32 bits; -1: none. */
  #tag(): number {
    const status = this.#word(this.#at + k.PACKET_WORD.status);
    if (!(status & k.TP_STATUS_VLAN_VALID)) return -1;
    const tci = this.#word(this.#at + k.PACKET_WORD.tci) & 0xffff;
    const hasProtocol = (status & k.TP_STATUS_VLAN_TPID_VALID) !== 0;
    const protocol = hasProtocol ? this.#word(this.#at + k.PACKET_WORD.tpid) & 0xffff : k.ETH_P_8021Q;
    return protocol * 0x1_0000 + tci;
  }

  #copyTagged(out: Buffer, data: number, from: number, tag: number): void {
    const { bytes } = this.ring;
    const end = data + this.#facts.capturedBytes;
    bytes.copy(out, data, from, from + TAG_AT);
    out.writeUInt32BE(tag, data + TAG_AT);
    const rest = data + TAG_AT + TAG_BYTES;
    if (end > rest) bytes.copy(out, rest, from + TAG_AT, from + TAG_AT + (end - rest));
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
