/** The bytes of ICMP: echo requests, their answers, and what routers say of them (RFC 792, RFC 4443, RFC 1812). */
import { addressText, type Family } from '../../src/net/address.ts';
import type { IcmpWord } from '../../src/wire/check.ts';

/** linux/icmp.h, linux/icmpv6.h. */
const TYPES = {
  4: { request: 8, reply: 0, unreachable: 3, tooBig: -1, expired: 11 },
  6: { request: 128, reply: 129, unreachable: 1, tooBig: 2, expired: 3 },
} as const;
/** Type, code, checksum, identifier, sequence number. */
const ICMP_HEADER_BYTES = 8;
const IPV6_HEADER_BYTES = 40;
const IPPROTO_ICMPV6 = 58;

/** Codes of "destination unreachable". What is not here is `unreachable`. */
const WORDS: Readonly<Record<Family, Readonly<Record<number, IcmpWord>>>> = {
  4: {
    ...{
      0: 'no-route',
      1: 'no-neighbour',
      2: 'no-protocol',
      3: 'no-port',
      4: 'too-large',
      6: 'no-route',
      7: 'no-neighbour',
    },
    ...{ 9: 'prohibited', 10: 'prohibited', 13: 'prohibited' },
  },
  6: { 0: 'no-route', 1: 'prohibited', 3: 'no-neighbour', 4: 'no-port', 5: 'prohibited', 6: 'prohibited' },
};

/** Room for the types that are answers, for ICMP_FILTER and ICMP6_FILTER: a bit that is set is a type that is not wanted. */
export function filterOf(family: Family): Buffer {
  const { reply, unreachable, tooBig, expired } = TYPES[family];
  const bits = Buffer.alloc(family === 4 ? 4 : 32, 0xff);
  for (const type of [reply, unreachable, tooBig, expired]) {
    if (type < 0) continue;
    const word = (type >> 5) * 4;
    bits.writeUInt32LE((bits.readUInt32LE(word) & ~(1 << (type & 31))) >>> 0, word);
  }
  return bits;
}

/** By what an answer is known. */
export interface EchoKey {
  readonly ident: number;
  readonly sequence: number;
}

/** Writes an echo request; behind its header it has as much of `token` as there is room for, then zeros. Its length is returned. */
export function writeEcho(packet: Buffer, family: Family, key: EchoKey, token: Buffer, dataBytes: number): number {
  const bytes = ICMP_HEADER_BYTES + dataBytes;
  packet.fill(0, 0, bytes);
  packet.writeUInt8(TYPES[family].request, 0);
  packet.writeUInt16BE(key.ident, 4);
  packet.writeUInt16BE(key.sequence, 6);
  token.copy(packet, ICMP_HEADER_BYTES, 0, Math.min(token.length, dataBytes));
  // The kernel itself fills in the checksum of ICMPv6 (RFC 3542, section 3.1).
  if (family === 4) packet.writeUInt16BE(checksum(packet, bytes), 2);
  return bytes;
}

/** RFC 1071. */
function checksum(packet: Buffer, bytes: number): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes; at += 2) sum += packet.readUInt16BE(at);
  if (bytes % 2 === 1) sum += packet.readUInt8(bytes - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** What came in. `data` is where the answer's data begins. */
export type IcmpAnswer =
  | (EchoKey & { readonly answer: 'reply'; readonly data: number })
  | (EchoKey & { readonly answer: 'error'; readonly why: IcmpWord; readonly by: string | null });

/** Reads what a raw socket received: for IPv4 with the header of IP, for IPv6 without. null: it is nothing of an echo request. */
export function readIcmp(packet: Buffer, length: number, family: Family): IcmpAnswer | null {
  const at = family === 4 ? ((packet[0] ?? 0) & 15) * 4 : 0;
  if (length < at + ICMP_HEADER_BYTES) return null;
  const { reply, unreachable, tooBig, expired } = TYPES[family];
  const [type = 0, code = 0] = [packet[at], packet[at + 1]];
  if (type === reply) return { answer: 'reply', ...keyAt(packet, at), data: at + ICMP_HEADER_BYTES };
  const key = quoted(packet, at + ICMP_HEADER_BYTES, length, family);
  if (key === null) return null;
  const by = family === 4 ? addressText(packet, 12, 4) : null;
  if (type === expired) return { answer: 'error', ...key, why: 'expired', by };
  if (type === tooBig) return { answer: 'error', ...key, why: 'too-large', by };
  return type === unreachable ? { answer: 'error', ...key, why: WORDS[family][code] ?? 'unreachable', by } : null;
}

/** The request that an error quotes: it has the header of IP and at least eight bytes of what follows. */
function quoted(packet: Buffer, at: number, length: number, family: Family): EchoKey | null {
  if (family === 6 && packet[at + 6] !== IPPROTO_ICMPV6) return null;
  const inner = at + (family === 4 ? ((packet[at] ?? 0) & 15) * 4 : IPV6_HEADER_BYTES);
  if (length < inner + ICMP_HEADER_BYTES || packet[inner] !== TYPES[family].request) return null;
  return keyAt(packet, inner);
}

function keyAt(packet: Buffer, at: number): EchoKey {
  return { ident: packet.readUInt16BE(at + 4), sequence: packet.readUInt16BE(at + 6) };
}
