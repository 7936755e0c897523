/** Reads the destinations of routes, in the forms that ip(8) accepts. */
import { addressBits, type Prefix, parseAddress, parsePrefix } from './address.ts';
import { networkOf } from './offset.ts';

/**
 * Parses a destination: `10.1.0.0/16`, `10.1/16`, `10.1.0.0/255.255.0.0`, `fd00::/64`, or a single address (/32, /128). A string
 * result says what is wrong, in words that follow the text in a message.
 */
export function parseDestination(text: string): Prefix | string {
  const [address = '', length] = text.split('/', 2);
  if (length === undefined) {
    const host = parseAddress(text);
    return typeof host === 'string' ? host : parsePrefix(`${host.text}/${addressBits(host.family)}`);
  }
  const prefix = parsePrefix(`${padded(address)}/${lengthOf(length)}`);
  if (typeof prefix === 'string') return prefix;
  const network = networkOf(prefix.text);
  if (network === prefix.text) return prefix;
  // The kernel clears such bits itself in IPv6, and refuses them in IPv4 (fib_table_insert).
  if (prefix.family === 4) return `has bits set beyond its length, which the kernel refuses: write ${network}`;
  return parsePrefix(network);
}

/** Adds the missing parts of an IPv4 address, as ip(8) does: `10.1` becomes `10.1.0.0`. */
function padded(address: string): string {
  const parts = address.split('.');
  if (parts.length > 3 || !parts.every((part) => /^[0-9]+$/.test(part))) return address;
  return [...parts, '0', '0', '0'].slice(0, 4).join('.');
}

/** The length of a netmask: `255.255.0.0` becomes `16`. A text that is no netmask is returned as it is. */
function lengthOf(text: string): string {
  const mask = text.includes('.') ? parseAddress(text) : '';
  if (typeof mask === 'string') return text;
  const bits = mask.text
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? String(bits.replaceAll('0', '').length) : text;
}
