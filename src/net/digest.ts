/**
 * Computes SHA-256 in the forms that names and addresses need. node:crypto is the only module of Node.js in `net/`; `hash` needs
 * Node.js 20.12.
 */
import { hash } from 'node:crypto';

/** RFC 4648, section 6, in lower case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** SHA-256 of a text's UTF-8, as 64 hexadecimal digits. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The first five base32 digits (25 bits) of the SHA-256 of a text. */
export function sha256Base32x5(text: string): string {
  const bits = Number.parseInt(sha256Hex(text).slice(0, 8), 16);
  return [27, 22, 17, 12, 7].map((shift) => BASE32.charAt((bits >>> shift) & 31)).join('');
}
