/** Does integer arithmetic on addresses and prefixes: offsets of replicas, networks, containment. Texts are canonical. */
import { addressText, type Family, ipv4Text, ipv4Value, prefixBytes } from './address.ts';

/** A range of addresses, with both ends included. The ends are numbers for IPv4 and bigints for IPv6; `<` compares either. */
export interface Range {
  readonly family: Family;
  readonly first: number | bigint;
  readonly last: number | bigint;
}

/** The result of an addition. `wraps` means that it went past the last address of the family; `text` is then ''. */
export interface Sum {
  readonly text: string;
  readonly wraps: boolean;
  /** Whether the sum is outside the original prefix. It is false for /32 and /128, where leaving the prefix is intended. */
  readonly leavesPrefix: boolean;
}

const WRAPPED: Sum = { text: '', wraps: true, leavesPrefix: false };

function toBigInt(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

function ipv6Text(value: bigint): string {
  const bytes = new Uint8Array(16);
  let rest = value;
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  return addressText(bytes);
}

/** Adds `n` (≥ 0) to the address of a prefix. The length stays. */
export function addToPrefix(prefix: string, n: number): Sum {
  if (n === 0) return { text: prefix, wraps: false, leavesPrefix: false };
  return prefix.includes(':') ? addToIPv6(prefix, n) : addToIPv4(prefix, n);
}

function addToIPv4(prefix: string, n: number): Sum {
  const { value, prefixLength } = ipv4Prefix(prefix);
  const after = value + n;
  if (after >= 2 ** 32) return WRAPPED;
  const size = 2 ** (32 - prefixLength);
  const leavesPrefix = size > 1 && Math.floor(after / size) !== Math.floor(value / size);
  return { text: `${ipv4Text(after)}/${prefixLength}`, wraps: false, leavesPrefix };
}

function addToIPv6(prefix: string, n: number): Sum {
  const { bytes, prefixLength } = prefixBytes(prefix);
  const before = toBigInt(bytes);
  const after = before + BigInt(n);
  if (after >> 128n !== 0n) return WRAPPED;
  const hostBits = BigInt(128 - prefixLength);
  const leavesPrefix = hostBits !== 0n && after >> hostBits !== before >> hostBits;
  return { text: `${ipv6Text(after)}/${prefixLength}`, wraps: false, leavesPrefix };
}

/** The address `offset` (≥ 0) after the first one of a prefix. It must not be past the last address of the family. */
export function addressAt(prefix: string, offset: bigint): string {
  const { family, first } = rangeOf(prefix);
  const value = BigInt(first) + offset;
  return family === 4 ? ipv4Text(Number(value)) : ipv6Text(value);
}

function ipv4Prefix(prefix: string): { value: number; prefixLength: number } {
  const slash = prefix.indexOf('/');
  return { value: ipv4Value(prefix, 0, slash), prefixLength: Number(prefix.slice(slash + 1)) };
}

/** The prefix with its host bits cleared: `10.0.0.1/30` becomes `10.0.0.0/30`. */
export function networkOf(prefix: string): string {
  const { bytes, prefixLength } = prefixBytes(prefix);
  for (let i = 0; i < bytes.length; i++) {
    const kept = Math.min(8, Math.max(0, prefixLength - 8 * i));
    bytes[i] = (bytes[i] ?? 0) & (0xff00 >> kept);
  }
  return `${addressText(bytes)}/${prefixLength}`;
}

/** The first and last address of a prefix. */
export function rangeOf(prefix: string): Range {
  if (!prefix.includes(':')) {
    const { value, prefixLength } = ipv4Prefix(prefix);
    const size = 2 ** (32 - prefixLength);
    const first = value - (value % size);
    return { family: 4, first, last: first + size - 1 };
  }
  const { bytes, prefixLength } = prefixBytes(prefix);
  const hostBits = BigInt(128 - prefixLength);
  const first = (toBigInt(bytes) >> hostBits) << hostBits;
  return { family: 6, first, last: first + (1n << hostBits) - 1n };
}

/** Whether an address lies in a prefix; false across families. */
export function contains(prefix: string, address: string): boolean {
  const bits = address.includes(':') ? 128 : 32;
  return overlap(prefix, `${address}/${bits}`);
}

/** Whether two prefixes share an address; false across families. */
export function overlap(a: string, b: string): boolean {
  const left = rangeOf(a);
  const right = rangeOf(b);
  return left.family === right.family && left.first <= right.last && right.first <= left.last;
}
