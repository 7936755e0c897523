/**
 * Reads and writes IPv4 and IPv6 addresses and prefixes: text, canonical text and bytes. Canonical text is what `ip -json` prints.
 * This is own code, tested against ipaddr.js: to load that library would take a fifth of the program's start, on each thread.
 */

export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  /** The canonical text, as inet_ntop(3) writes it. */
  readonly text: string;
}

/** An address with a prefix length. The host bits are kept. */
export interface Prefix {
  readonly family: Family;
  /** Canonical address without the length. */
  readonly address: string;
  readonly prefixLength: number;
  /** Canonical `address/length`. */
  readonly text: string;
}

const BITS = { 4: 32, 6: 128 } as const;

/** How many bits an address has: 32 or 128. */
export function addressBits(family: Family): 32 | 128 {
  return BITS[family];
}

/** Parses an address without a length. A string result says what is wrong, in words that follow the text in a message. */
export function parseAddress(text: string): Address | string {
  if (text.includes(':')) {
    const bytes = parseIPv6(text);
    return bytes === null ? ipv6Fault(text) : { family: 6, text: addressText(bytes) };
  }
  const value = ipv4Value(text);
  // A dotted quad without leading zeros is canonical as it stands.
  return value < 0 ? ipv4Fault(text) : { family: 4, text };
}

/** Parses `address/length` (`10.0.0.1/30`, `fd00::1/64`). A string result says what is wrong, as for `parseAddress`. */
export function parsePrefix(text: string): Prefix | string {
  const slash = text.indexOf('/');
  if (slash < 0) {
    const address = typeof parseAddress(text) === 'string' ? '10.0.0.1' : text;
    return `has no prefix length: write ${address.includes(':') ? `${address}/64` : `${address}/24`} or the like`;
  }
  const address = parseAddress(text.slice(0, slash));
  if (typeof address === 'string') return address;
  const prefixLength = parseLength(text.slice(slash + 1), addressBits(address.family));
  if (prefixLength === null) {
    return `has an impossible prefix length: IPv${address.family} takes 0 to ${addressBits(address.family)}`;
  }
  return { family: address.family, address: address.text, prefixLength, text: `${address.text}/${prefixLength}` };
}

/**
 * Why no device can have an address (without a length), in words that follow it; null if one can. The kernel's `ipv6_add_addr`
 * refuses these addresses; `__inet_insert_ifa` accepts 0.0.0.0 and does nothing.
 */
export function unassignable(address: string): string | null {
  if (address === '0.0.0.0' || address === '::') return 'is no address: it stands for none, or for any';
  if (address === '::1') return 'is the loopback address, which only lo has';
  if (/^ff[0-9a-f]{2}:/.test(address)) return 'is a multicast address, which a device joins and can not have';
  return null;
}

/** Whether a canonical address, with or without its prefix length, is link-local IPv6: fe80::/10. The kernel makes its own. */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/.test(address);
}

/** Whether a canonical address can be that of a machine that a route leads to: 0/8, 224/4 and beyond, ::, fe80::/10 and ff00::/8 can't. */
export function isOfMachine(address: string): boolean {
  return /^(?!0\.|22[4-9]\.|2[3-5]\d\.|::$|fe[89ab]|ff[0-9a-f]{2}:)/.test(address);
}

function parseLength(text: string, most: number): number | null {
  if (!/^[0-9]{1,3}$/.test(text)) return null;
  const length = Number(text);
  return length <= most ? length : null;
}

/**
 * The 32 bits of the dotted quad in text[start, end), or -1 if it is none. It has no regular expression, since a lab has ten
 * thousand of these.
 */
export function ipv4Value(text: string, start = 0, end: number = text.length): number {
  let value = 0;
  let octet = -1;
  let digits = 0;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i) - 48;
    if (c >= 0 && c <= 9) {
      // A leading zero means octal to some parsers and decimal to others.
      if (octet === 0 || digits === 3) return -1;
      octet = octet < 0 ? c : octet * 10 + c;
      digits++;
    } else {
      if (c !== -2 || octet < 0 || octet > 255 || dots === 3) return -1;
      value = value * 256 + octet;
      octet = -1;
      digits = 0;
      dots++;
    }
  }
  return dots === 3 && octet >= 0 && octet <= 255 ? value * 256 + octet : -1;
}

/** The 16 bytes of an IPv6 address (RFC 4291, 2.2); null if the text is none. */
function parseIPv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (text.length > 45 || halves.length > 2) return null;
  const head = wordsOf(halves[0] ?? '', halves.length === 1);
  const tail = wordsOf(halves[1] ?? '', true);
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const words = [...head, ...Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from({ length: 16 }, (_, i) => ((words[i >> 1] ?? 0) >> (i % 2 === 0 ? 8 : 0)) & 255);
}

/**
 * The 16-bit words between colons; none for ''. The last part of the whole address may be a dotted quad. null if any part is wrong.
 */
function wordsOf(text: string, isEnd: boolean): number[] | null {
  if (text === '') return [];
  const words: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      words.push(Number.parseInt(part, 16));
      continue;
    }
    const quad = isEnd && i === parts.length - 1 ? ipv4Value(part) : -1;
    if (quad < 0) return null;
    words.push(quad >>> 16, quad & 0xffff);
  }
  return words;
}

function ipv4Fault(text: string): string {
  if (/^[0-9]{1,3}(\.[0-9]{1,3}){3}$/.test(text)) {
    return /(^|\.)0[0-9]/.test(text)
      ? 'is ambiguous: a leading zero means octal to some programs; leave it out'
      : 'is not an IPv4 address: each part goes from 0 to 255';
  }
  return 'is not an IP address: write 10.0.0.1 or fd00::1';
}

function ipv6Fault(text: string): string {
  return text.includes('%')
    ? 'has a zone: leave out the % and what follows, the device is known'
    : 'is not an IPv6 address';
}

/** The bytes in network order (4 or 16) of an address that `parseAddress` has accepted. Throws RangeError for any other text. */
export function addressBytes(text: string): Uint8Array {
  if (text.includes(':')) {
    const bytes = parseIPv6(text);
    if (bytes === null) throw new RangeError(`not an address: ${text}`);
    return bytes;
  }
  const value = ipv4Value(text);
  if (value < 0) throw new RangeError(`not an address: ${text}`);
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** The dotted quad of 32 bits. */
export function ipv4Text(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** The bytes and the length of a prefix in canonical text. Throws RangeError for any other text. */
export function prefixBytes(text: string): { family: Family; bytes: Uint8Array; prefixLength: number } {
  const slash = text.indexOf('/');
  if (slash < 0) throw new RangeError(`not a prefix: ${text}`);
  const bytes = addressBytes(text.slice(0, slash));
  return { family: bytes.length === 4 ? 4 : 6, bytes, prefixLength: Number(text.slice(slash + 1)) };
}

/** The canonical text of the 4 or 16 bytes at `offset`, as inet_ntop(3) and `ip -json` write it. */
export function addressText(bytes: Uint8Array, offset = 0, length = bytes.length - offset): string {
  if (length === 4) return quadText(bytes, offset);
  const groups: number[] = [];
  for (let at = offset; at < offset + 16; at += 2) groups.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  const { start, size } = longestZeroRun(groups);
  const mapped = start === 0 && (size === 6 || (size === 5 && groups[5] === 0xffff));
  const words = mapped ? groups.slice(0, 6) : groups;
  const last = mapped ? [quadText(bytes, offset + 12)] : [];
  if (size < 2) return hexWords(words, 0, words.length, last);
  return `${hexWords(words, 0, start, [])}::${hexWords(words, start + size, words.length, last)}`;
}

/** The words from `start` up to `end`, and `last`, with colons between them. */
function hexWords(words: readonly number[], start: number, end: number, last: readonly string[]): string {
  const texts: string[] = [];
  for (let i = start; i < end; i++) texts.push((words[i] ?? 0).toString(16));
  return [...texts, ...last].join(':');
}

/** The dotted quad of the four bytes at `offset`. */
function quadText(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset] ?? 0}.${bytes[offset + 1] ?? 0}.${bytes[offset + 2] ?? 0}.${bytes[offset + 3] ?? 0}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; size: number } {
  const best = { start: -1, size: 0 };
  let start = -1;
  for (let i = 0; i < groups.length; i++) {
    if (groups[i] !== 0) {
      start = -1;
      continue;
    }
    if (start < 0) start = i;
    if (i - start + 1 > best.size) {
      best.start = start;
      best.size = i - start + 1;
    }
  }
  return best;
}
