/**
 * Probes for devices without a layer 2 of their own. They are ICMP's answers to a ping that nobody has sent: every stack takes
 * them and drops them without a word (RFC 792, RFC 4443).
 */
import { addressBytes } from '../../src/net/address.ts';
import { ETH_HEADER_BYTES } from './frame.ts';

/** linux/if_ether.h. */
const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const HEADER_BYTES = { 4: 20, 6: 40 } as const;
/** Type, code, checksum, identifier, sequence number. */
const ICMP_HEADER_BYTES = 8;
/** linux/in.h, linux/icmp.h; linux/in6.h, linux/icmpv6.h. */
const IPPROTO_ICMP = 1;
const ICMP_ECHOREPLY = 0;
const IPPROTO_ICMPV6 = 58;
const ICMPV6_ECHO_REPLY = 129;
/** It is never routed on. */
const HOPS = 1;

export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

export function ethertypeOf(family: 4 | 6): number {
  return family === 4 ? ETH_P_IP : ETH_P_IPV6;
}

/** Where the probe's own part begins in the frame. */
export function probeOffset(family: 4 | 6): number {
  return ETH_HEADER_BYTES + HEADER_BYTES[family] + ICMP_HEADER_BYTES;
}

/** Writes the headers of a frame of `bytes` bytes, whose payload is written and zero behind `end`. */
export function writePacket(frame: Buffer, bytes: number, end: number, from: string, to: string): void {
  const family = familyOf(from);
  const icmp = ETH_HEADER_BYTES + HEADER_BYTES[family];
  frame.fill(0, ETH_HEADER_BYTES, icmp + ICMP_HEADER_BYTES);
  frame[icmp] = family === 4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY;
  if (family === 4) writeIPv4(frame, bytes, from, to);
  else writeIPv6(frame, bytes, from, to);
  const length = bytes - icmp;
  const pseudo = family === 4 ? 0 : sumOf(frame, ETH_HEADER_BYTES + 8, icmp) + length + IPPROTO_ICMPV6;
  frame.writeUInt16BE(folded(pseudo + sumOf(frame, icmp, end)), icmp + 2);
}

function writeIPv4(frame: Buffer, bytes: number, from: string, to: string): void {
  const at = ETH_HEADER_BYTES;
  frame[at] = 0x45;
  frame.writeUInt16BE(bytes - at, at + 2);
  frame[at + 8] = HOPS;
  frame[at + 9] = IPPROTO_ICMP;
  frame.set(addressBytes(from), at + 12);
  frame.set(addressBytes(to), at + 16);
  frame.writeUInt16BE(folded(sumOf(frame, at, at + HEADER_BYTES[4])), at + 10);
}

function writeIPv6(frame: Buffer, bytes: number, from: string, to: string): void {
  const at = ETH_HEADER_BYTES;
  frame[at] = 0x60;
  frame.writeUInt16BE(bytes - at - HEADER_BYTES[6], at + 4);
  frame[at + 6] = IPPROTO_ICMPV6;
  frame[at + 7] = HOPS;
  frame.set(addressBytes(from), at + 8);
  frame.set(addressBytes(to), at + 24);
}

/** The sum of 16-bit words of RFC 1071. */
function sumOf(frame: Buffer, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at += 2) sum += frame.readUInt16BE(at);
  return sum;
}

function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + (rest >>> 16);
  return ~rest & 0xffff;
}
