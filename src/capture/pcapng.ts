/**
 * `capture/` is the bytes of captures: pcapng files, filter programs, the names of ring files. It is pure and imports no other room, so
 * that both the capturing thread and the main thread use it.
 *
 * This file: the blocks of pcapng, in little-endian, with nanosecond timestamps. Source of all codes: draft-ietf-opsawg-pcapng (IETF),
 * sections 3.5, 4.1 to 4.3 and 4.6.
 */

const BLOCK = { section: 0x0a0d0d0a, interface: 1, statistics: 5, packet: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

const SECTION_OPTION = { comment: 1, os: 3, application: 4 } as const;
const INTERFACE_OPTION = { name: 2, description: 3, mac: 6, resolution: 9, filter: 11 } as const;
const COMMENT_OPTION = 1;
const STATISTICS_OPTION = { start: 2, end: 3, received: 4, dropped: 5, osDropped: 7, delivered: 8 } as const;
const PACKET_FLAGS_OPTION = 2;

/** if_tsresol: units of 10^-9 seconds. */
const NANOSECONDS = 9;
/** if_filter begins with the kind of filter; 0 is libpcap's language, as text. */
const FILTER_IS_TEXT = 0;

/** epb_flags: bits 0 and 1, the direction; bits 2 to 4, the kind of reception. */
export const PACKET_FLAGS = {
  inbound: 0b01,
  outbound: 0b10,
  unicast: 0b001 << 2,
  multicast: 0b010 << 2,
  broadcast: 0b011 << 2,
  promiscuous: 0b100 << 2,
} as const;

export interface Section {
  readonly application: string;
  readonly os: string;
  readonly comment: string;
}

export interface CapturedInterface {
  readonly name: string;
  readonly description: string;
  /** LINKTYPE_ value (tcpdump.org/linktypes.html): 1 is Ethernet. */
  readonly linkType: number;
  /** Six bytes. null: it has none. */
  readonly mac: Uint8Array | null;
  readonly snaplenBytes: number;
  /** The expression. null: everything is captured. */
  readonly filter: string | null;
}

/** What became of an interface's packets. Times are milliseconds since the Unix epoch. */
export interface InterfaceStatistics {
  readonly startMs: number;
  readonly endMs: number;
  /** Packets that passed the filter. null: it is not known how many. */
  readonly received: number | null;
  /** Those of them that found no room. null: it is not known how many. */
  readonly dropped: number | null;
  /** Those of them that are in the capture. */
  readonly delivered: number;
  /** '': there is nothing to say. */
  readonly comment: string;
}

/** ARPHRD_ values (linux/if_arp.h): Ethernet, and the loopback device, which has headers like it. */
const ETHERNET_LIKE: ReadonlySet<number> = new Set([1, 772]);
/** LINKTYPE_ETHERNET (tcpdump.org/linktypes.html). */
export const ETHERNET = 1;

/** The LINKTYPE_ value of a device. null: what it carries is not Ethernet. */
export function linkTypeOf(hardwareType: number): number | null {
  return ETHERNET_LIKE.has(hardwareType) ? ETHERNET : null;
}

interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

/** The block that begins a file. Its length is not said, as it is not known yet. */
export function sectionHeader({ application, os, comment }: Section): Uint8Array {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  body.writeUInt16LE(1, 4);
  body.writeUInt16LE(0, 6);
  body.writeBigInt64LE(-1n, 8);
  return block(BLOCK.section, body, [
    text(SECTION_OPTION.comment, comment),
    text(SECTION_OPTION.os, os),
    text(SECTION_OPTION.application, application),
  ]);
}

/** Describes an interface. The first one of a section has the id 0, the next one 1. */
export function interfaceDescription(described: CapturedInterface): Uint8Array {
  const { name, description, linkType, mac, snaplenBytes, filter } = described;
  const body = Buffer.alloc(8);
  body.writeUInt16LE(linkType, 0);
  body.writeUInt32LE(snaplenBytes, 4);
  return block(BLOCK.interface, body, [
    text(INTERFACE_OPTION.name, name),
    text(INTERFACE_OPTION.description, description),
    ...(mac === null ? [] : [{ code: INTERFACE_OPTION.mac, value: mac }]),
    { code: INTERFACE_OPTION.resolution, value: Uint8Array.of(NANOSECONDS) },
    ...(filter === null
      ? []
      : [{ code: INTERFACE_OPTION.filter, value: Buffer.concat([Buffer.of(FILTER_IS_TEXT), Buffer.from(filter)]) }]),
  ]);
}

/** The statistics of an interface, which stand at the end of a file. What found no room stands in both places where readers look for it. */
export function interfaceStatistics(id: number, statistics: InterfaceStatistics): Uint8Array {
  const { startMs, endMs, received, dropped, delivered, comment } = statistics;
  const known = (code: number, value: number | null): Option[] =>
    value === null ? [] : [{ code, value: counter(value) }];
  const body = Buffer.concat([Buffer.alloc(4), timestamp(endMs)]);
  body.writeUInt32LE(id, 0);
  return block(BLOCK.statistics, body, [
    { code: STATISTICS_OPTION.start, value: timestamp(startMs) },
    { code: STATISTICS_OPTION.end, value: timestamp(endMs) },
    ...known(STATISTICS_OPTION.received, received),
    ...known(STATISTICS_OPTION.dropped, dropped),
    ...known(STATISTICS_OPTION.osDropped, dropped),
    ...known(STATISTICS_OPTION.delivered, delivered),
    ...(comment === '' ? [] : [text(COMMENT_OPTION, comment)]),
  ]);
}

/** Bytes of a packet's block before its data. */
export const PACKET_HEADER_BYTES = 28;
/** Bytes after the data: the option epb_flags, the end of the options, the block's length again. */
const PACKET_TRAILER_BYTES = 16;

export interface PacketFacts {
  readonly interfaceId: number;
  /** Since the Unix epoch, below 2^32. */
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly capturedBytes: number;
  /** Length of the packet before it was cut. */
  readonly originalBytes: number;
  /** Of PACKET_FLAGS. */
  readonly flags: number;
}

/** The size of the block of a packet of which so many bytes were captured. */
export function packetBlockBytes(capturedBytes: number): number {
  return PACKET_HEADER_BYTES + padded(capturedBytes) + PACKET_TRAILER_BYTES;
}

/** Writes all of a packet's block but its data, which belongs at `at + PACKET_HEADER_BYTES`. Makes no objects: it runs for each packet. */
export function writePacketBlock(out: Buffer, at: number, packet: PacketFacts): void {
  const { interfaceId, seconds, nanoseconds, capturedBytes, originalBytes, flags } = packet;
  const bytes = packetBlockBytes(capturedBytes);
  out.writeUInt32LE(BLOCK.packet, at);
  out.writeUInt32LE(bytes, at + 4);
  out.writeUInt32LE(interfaceId, at + 8);
  out.writeUInt32LE(timestampHigh(seconds, nanoseconds), at + 12);
  out.writeUInt32LE(timestampLow(seconds, nanoseconds), at + 16);
  out.writeUInt32LE(capturedBytes, at + 20);
  out.writeUInt32LE(originalBytes, at + 24);
  const dataEnd = at + PACKET_HEADER_BYTES + capturedBytes;
  const end = at + bytes;
  out.fill(0, dataEnd, end - PACKET_TRAILER_BYTES);
  out.writeUInt16LE(PACKET_FLAGS_OPTION, end - 16);
  out.writeUInt16LE(4, end - 14);
  out.writeUInt32LE(flags, end - 12);
  out.writeUInt32LE(0, end - 8);
  out.writeUInt32LE(bytes, end - 4);
}

/**
 * A time in nanoseconds has up to 61 bits, more than a number holds exactly. 10^9 is 2^9 × 1,953,125, so seconds × 1,953,125 (below
 * 2^53) is the time's upper part without loss, and what is below bit 32 is put together from its last 23 bits.
 */
const SCALE = 1_953_125;
const UPPER_UNIT = 2 ** 23;
const LOW_RANGE = 2 ** 32;

function lowSum(seconds: number, nanoseconds: number): number {
  return ((seconds * SCALE) % UPPER_UNIT) * 512 + nanoseconds;
}

/** The upper 32 bits of a time in nanoseconds. */
export function timestampHigh(seconds: number, nanoseconds: number): number {
  return Math.floor((seconds * SCALE) / UPPER_UNIT) + (lowSum(seconds, nanoseconds) >= LOW_RANGE ? 1 : 0);
}

/** The lower 32 bits. */
export function timestampLow(seconds: number, nanoseconds: number): number {
  return lowSum(seconds, nanoseconds) % LOW_RANGE;
}

/** As blocks and options have it: the upper half first. */
function timestamp(ms: number): Buffer {
  const seconds = Math.floor(ms / 1000);
  const nanoseconds = Math.floor((ms - seconds * 1000) * 1_000_000);
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(timestampHigh(seconds, nanoseconds), 0);
  bytes.writeUInt32LE(timestampLow(seconds, nanoseconds), 4);
  return bytes;
}

function counter(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(code: number, value: string): Option {
  return { code, value: Buffer.from(value) };
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** The longest value of an option. */
const OPTION_MAX_BYTES = 0xffff;

function block(type: number, body: Uint8Array, options: readonly Option[]): Uint8Array {
  const optionBytes = options.map(({ code, value }) => optionOf(code, value.subarray(0, OPTION_MAX_BYTES)));
  const end = Buffer.alloc(4);
  const length = 12 + body.length + optionBytes.reduce((sum, { length: own }) => sum + own, 0) + end.length;
  const frame = Buffer.alloc(8);
  frame.writeUInt32LE(type, 0);
  frame.writeUInt32LE(length, 4);
  return Buffer.concat([frame, body, ...optionBytes, end, frame.subarray(4)]);
}

function optionOf(code: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length));
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt16LE(value.length, 2);
  bytes.set(value, 4);
  return bytes;
}
