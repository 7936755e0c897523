/** Integer arithmetic on addresses and prefixes: replica offsets, networks, containment. Texts are canonical. */
import { addressBits, addressBytes, addressText, type Family, prefixBytes } from './address.ts';

/** An address range of one family, both ends included. */
export interface Range {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** What an addition gave; `wraps` means that it went past the last address of the family, and `text` is then ''. */
export interface Sum {
  readonly text: string;
  readonly wraps: boolean;
  /** The sum is outside the prefix it started in (never so for /32 and /128, where that is the purpose). */
  readonly leavesPrefix: boolean;
}

const WRAPPED: Sum = { text: '', wraps: true, leavesPrefix: false };

function toBigInt(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

function toText(family: Family, value: bigint): string {
  const bytes = new Uint8Array(addressBits(family) / 8);
  let rest = value;
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  return addressText(bytes);
}

/** Adds `n` (≥ 0) to the address of a prefix, the length unchanged. */
export function addToPrefix(prefix: string, n: number): Sum {
  if (n === 0) return { text: prefix, wraps: false, leavesPrefix: false };
  const { family, bytes, prefixLength } = prefixBytes(prefix);
  const bits = BigInt(addressBits(family));
  const before = toBigInt(bytes);
  const after = before + BigInt(n);
  if (after >> bits !== 0n) return WRAPPED;
  const hostBits = bits - BigInt(prefixLength);
  const leavesPrefix = hostBits !== 0n && after >> hostBits !== before >> hostBits;
  return { text: `${toText(family, after)}/${prefixLength}`, wraps: false, leavesPrefix };
}

/** The prefix with its host bits cleared: `10.0.0.1/30` → `10.0.0.0/30`. */
export function networkOf(prefix: string): string {
  const { bytes, prefixLength } = prefixBytes(prefix);
  for (let i = 0; i < bytes.length; i++) {
    const kept = Math.min(8, Math.max(0, prefixLength - 8 * i));
    bytes[i] = (bytes[i] ?? 0) & (0xff00 >> kept);
  }
  return `${addressText(bytes)}/${prefixLength}`;
}

/** First and last address of a prefix. */
export function rangeOf(prefix: string): Range {
  const { family, bytes, prefixLength } = prefixBytes(prefix);
  const hostBits = BigInt(addressBits(family) - prefixLength);
  const first = (toBigInt(bytes) >> hostBits) << hostBits;
  return { family, first, last: first + (1n << hostBits) - 1n };
}

/** Whether an address lies in a prefix; false across families. */
export function contains(prefix: string, address: string): boolean {
  const range = rangeOf(prefix);
  const bytes = addressBytes(address);
  if (bytes.length * 8 !== addressBits(range.family)) return false;
  const value = toBigInt(bytes);
  return value >= range.first && value <= range.last;
}

/** Whether two prefixes share an address; false across families. */
export function overlap(a: string, b: string): boolean {
  const left = rangeOf(a);
  const right = rangeOf(b);
  return left.family === right.family && left.first <= right.last && right.first <= left.last;
}
