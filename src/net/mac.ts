/** Parses Ethernet addresses, adds to them, and chooses those that nobody gave. */
import { sha256Hex } from './digest.ts';

export interface Mac {
  /** Six groups of two lower-case hexadecimal digits with colons. */
  readonly text: string;
  /** Whether the group bit is set. Then no device can have the address. */
  readonly multicast: boolean;
}

const FORM = /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/;

/** The first byte of every address that linkloom chooses: locally administered, unicast. */
const AUTO_FIRST_BYTE = 0xc2;
/** How many addresses have the same first byte: 256^5. */
const AUTO_SPACE = 2 ** 40;

/** Parses a MAC address. A string result says what is wrong, in words that follow the text in a message. */
export function parseMac(text: string): Mac | string {
  if (!FORM.test(text)) return 'is not a MAC address: write six two-digit hexadecimal groups, c2:00:00:00:00:01';
  return { text: text.toLowerCase(), multicast: isMulticast(text) };
}

/** Whether the group bit is set (IEEE 802). */
export function isMulticast(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

/** The six bytes of a MAC address that `parseMac` has accepted. */
export function macBytes(mac: string): Uint8Array {
  const bytes = new Uint8Array(6);
  for (let i = 0; i < 6; i++) bytes[i] = Number.parseInt(mac.slice(3 * i, 3 * i + 2), 16);
  return bytes;
}

/** The link-local IPv6 address that the kernel makes from a MAC address, with its prefix length (RFC 4291, appendix A). */
export function linkLocalOf(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macBytes(mac);
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}/64`;
}

/** The canonical text of the six bytes at `offset`. */
export function macText(bytes: Uint8Array, offset = 0): string {
  let text = '';
  for (let i = 0; i < 6; i++) {
    const byte = bytes[offset + i] ?? 0;
    text += `${i === 0 ? '' : ':'}${byte < 16 ? '0' : ''}${byte.toString(16)}`;
  }
  return text;
}

/** Adds `n` (≥ 0) to a MAC address as a 48-bit number. Returns null if the sum is past ff:ff:ff:ff:ff:ff. */
export function addToMac(mac: string, n: number): string | null {
  if (n === 0) return mac;
  const sum = Number.parseInt(mac.replaceAll(':', ''), 16) + n;
  return sum >= 2 ** 48 ? null : textOf(sum);
}

function textOf(value: number): string {
  const hex = value.toString(16).padStart(12, '0');
  // Joined, not written into each other: that would keep the six parts, and what ties them together, as long as the address.
  return [hex.slice(0, 2), hex.slice(2, 4), hex.slice(4, 6), hex.slice(6, 8), hex.slice(8, 10), hex.slice(10)].join(
    ':',
  );
}

/**
 * The MAC address of a device that has none in the configuration: `c2:` and 40 bits of SHA-256(lab NUL node NUL dev), plus
 * `offset`. For replicas `node` is the service and `offset` is the replica's number less one, so that the addresses count up. The
 * same names always give the same address, so a second run finds what the first one made. It wraps within `c2:`.
 */
export function autoMac(lab: string, node: string, dev: string, offset = 0): string {
  const digest = sha256Hex(`${lab}\0${node}\0${dev}`);
  const low = (Number.parseInt(digest.slice(0, 10), 16) + offset) % AUTO_SPACE;
  return textOf(AUTO_FIRST_BYTE * AUTO_SPACE + low);
}

/**
 * The MAC of a port on a bridge of others, `fe:ff:` and the last 32 of these bits: above all that devices have, so that the bridge, which
 * takes the least of its ports, keeps its own. `fe:` alone would not do: the taps of libvirt have it, and one in 64 addresses that the
 * kernel draws for a device.
 */
export function externalPortMac(lab: string, node: string, dev: string): string {
  return `fe:ff${autoMac(lab, node, dev).slice('c2:00'.length)}`;
}
