import { NLA_HDRLEN, NLA_TYPE_MASK } from './constants.ts';

/**
 * Numbers in the order of bytes of this machine, by index: a dump is read once, and then a call to Buffer's own readers takes most of the time.
 * The range has to lie within the bytes.
 */
function u16(bytes: Buffer, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

/**
 * Calls `visit` for each attribute in a range, with its type (without the flags for nesting and byte order), the offset of its
 * header, and its length with the header. Stops at damaged input. The readers below return 0 for an attribute that is too short.
 */
export function eachAttribute(
  bytes: Buffer,
  start: number,
  end: number,
  visit: (type: number, at: number, length: number) => void,
): void {
  let at = start;
  while (at + NLA_HDRLEN <= end) {
    const length = u16(bytes, at);
    if (length < NLA_HDRLEN || at + length > end) return;
    visit(u16(bytes, at + 2) & NLA_TYPE_MASK, at, length);
    at += align4(length);
  }
}

export function attrU8(bytes: Buffer, at: number, length: number): number {
  return length > NLA_HDRLEN ? (bytes[at + NLA_HDRLEN] as number) : 0;
}

export function attrU16(bytes: Buffer, at: number, length: number): number {
  return length >= NLA_HDRLEN + 2 ? u16(bytes, at + NLA_HDRLEN) : 0;
}

export function attrU32(bytes: Buffer, at: number, length: number): number {
  if (length < NLA_HDRLEN + 4) return 0;
  return (u16(bytes, at + NLA_HDRLEN) | (u16(bytes, at + NLA_HDRLEN + 2) << 16)) >>> 0;
}

export function attrS32(bytes: Buffer, at: number, length: number): number {
  return attrU32(bytes, at, length) | 0;
}

/** Text up to its NUL or the attribute's end. */
export function attrText(bytes: Buffer, at: number, length: number): string {
  const start = at + NLA_HDRLEN;
  let end = at + length;
  while (end > start && bytes[end - 1] === 0) end--;
  return bytes.toString('utf8', start, end);
}

/** The length rounded up to a multiple of four bytes, as netlink aligns. */
export function align4(length: number): number {
  return (length + 3) & ~3;
}
