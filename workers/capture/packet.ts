import { PACKET_FLAGS, PACKET_HEADER_BYTES, packetBlockBytes, writePacketBlock } from '../../src/capture/pcapng.ts';
import * as k from './constants.ts';

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

/** Whoever has packets, one after the other, the present one first. Its methods run for each packet and make no objects. */
export interface PacketSource {
  /** When the present packet was captured. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** When it was first seen here, in milliseconds of the monotonic clock. */
  readonly seenMs: number;
  /** Whether there is a packet. */
  hasPacket(nowMs: number): boolean;
  /** Goes on to the next packet. False: there is none yet. */
  advance(nowMs: number): boolean;
  /** The size of the present packet's block of pcapng at most. */
  blockBytes(): number;
  /** Writes the present packet as a block of pcapng; returns the position behind it. */
  write(out: Buffer, at: number): number;
}

/** The size of a packet's block at most: with the VLAN tag that the kernel has taken off. */
export function blockBytesMax(capturedBytes: number): number {
  return packetBlockBytes(capturedBytes + TAG_BYTES);
}

/** A packet as the kernel gives it, to be written as a block of pcapng. One object serves for all packets of a source. */
export class Packet {
  /** Where its bytes are. */
  bytes: Buffer;
  from = 0;
  interfaceId = 0;
  seconds = 0;
  nanoseconds = 0;
  capturedBytes = 0;
  originalBytes = 0;
  /** sll_pkttype. */
  type = 0;
  /** Bits of TP_STATUS_, and the VLAN tag that was taken off the bytes if these say that there is one. */
  status = 0;
  tci = 0;
  tpid = 0;
  readonly #snaplenBytes: number;
  readonly #facts = { interfaceId: 0, seconds: 0, nanoseconds: 0, capturedBytes: 0, originalBytes: 0, flags: 0 };

  constructor(bytes: Buffer, snaplenBytes: number) {
    this.bytes = bytes;
    this.#snaplenBytes = snaplenBytes;
  }

  /** Returns the position behind the block. */
  write(out: Buffer, at: number): number {
    const { bytes, from, capturedBytes: captured } = this;
    const tag = captured >= TAG_AT ? this.#tag() : -1;
    const tagBytes = tag < 0 ? 0 : TAG_BYTES;
    const facts = this.#facts;
    facts.interfaceId = this.interfaceId;
    facts.seconds = this.seconds;
    facts.nanoseconds = this.nanoseconds;
    facts.capturedBytes = tag < 0 ? captured : Math.min(captured + TAG_BYTES, Math.max(captured, this.#snaplenBytes));
    facts.originalBytes = this.originalBytes + tagBytes;
    facts.flags = FLAGS[this.type] ?? PACKET_FLAGS.inbound;
    const data = at + PACKET_HEADER_BYTES;
    if (tag < 0) bytes.copy(out, data, from, from + captured);
    else this.#copyTagged(out, data, tag);
    writePacketBlock(out, at, facts);
    return at + packetBlockBytes(facts.capturedBytes);
  }

  /** The VLAN tag that the kernel has taken off the bytes, as a number of 32 bits; -1: none. */
  #tag(): number {
    if (!(this.status & k.TP_STATUS_VLAN_VALID)) return -1;
    const protocol = this.status & k.TP_STATUS_VLAN_TPID_VALID ? this.tpid : k.ETH_P_8021Q;
    return protocol * 0x1_0000 + this.tci;
  }

  #copyTagged(out: Buffer, data: number, tag: number): void {
    const { bytes, from } = this;
    const end = data + this.#facts.capturedBytes;
    bytes.copy(out, data, from, from + TAG_AT);
    out.writeUInt32BE(tag, data + TAG_AT);
    const rest = data + TAG_AT + TAG_BYTES;
    if (end > rest) bytes.copy(out, rest, from + TAG_AT, from + TAG_AT + (end - rest));
  }
}
