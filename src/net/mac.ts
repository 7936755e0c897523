/** Ethernet addresses: parsing, arithmetic, and the ones linkloom chooses itself. */
import { sha256Hex } from './digest.ts';

export interface Mac {
  /** Six groups of two lower-case hexadecimal digits with colons. */
  readonly text: string;
  /** The group bit is set: no device can have such an address. */
  readonly multicast: boolean;
}

const FORM = /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/;

/** Locally administered, unicast: the first byte of every address that linkloom chooses. */
const AUTO_FIRST_BYTE = 0xc2;
/** 256^5: the addresses under one first byte. */
const AUTO_SPACE = 2 ** 40;

/** Parses a MAC; a string result is the fault, ready to follow the text it is about. */
export function parseMac(text: string): Mac | string {
  if (!FORM.test(text)) return 'is not a MAC address: write six two-digit hexadecimal groups, c2:00:00:00:00:01';
  return { text: text.toLowerCase(), multicast: isMulticast(text) };
}

/** Whether the group bit is set (IEEE 802). */
export function isMulticast(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

/** Six bytes of a MAC that `parseMac` took. */
export function macBytes(mac: string): Uint8Array {
  const bytes = new Uint8Array(6);
  for (let i = 0; i < 6; i++) bytes[i] = Number.parseInt(mac.slice(3 * i, 3 * i + 2), 16);
  return bytes;
}

/** Canonical text of six bytes at `offset`. */
export function macText(bytes: Uint8Array, offset = 0): string {
  let text = '';
  for (let i = 0; i < 6; i++) {
    const byte = bytes[offset + i] ?? 0;
    text += `${i === 0 ? '' : ':'}${byte < 16 ? '0' : ''}${byte.toString(16)}`;
  }
  return text;
}

/** Adds `n` (≥ 0) to a MAC as a 48-bit number; null if that goes past ff:ff:ff:ff:ff:ff. */
export function addToMac(mac: string, n: number): string | null {
  if (n === 0) return mac;
  const sum = Number.parseInt(mac.replaceAll(':', ''), 16) + n;
  return sum >= 2 ** 48 ? null : textOf(sum);
}

function textOf(value: number): string {
  const hex = value.toString(16).padStart(12, '0');
  return `${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6, 8)}:${hex.slice(8, 10)}:${hex.slice(10)}`;
}

/**
 * The MAC of a device that was given none: `c2:` and 40 bits of SHA-256(lab NUL node NUL dev), plus `offset`.
 * For replicas `node` is the service and `offset` the replica number less one, so that they count up.
 * Always the same for the same names, so a second run finds what the first one made. Wraps within `c2:`.
 */
export function autoMac(lab: string, node: string, dev: string, offset = 0): string {
  const digest = sha256Hex(`${lab}\0${node}\0${dev}`);
  const low = (Number.parseInt(digest.slice(0, 10), 16) + offset) % AUTO_SPACE;
  return textOf(AUTO_FIRST_BYTE * AUTO_SPACE + low);
}
