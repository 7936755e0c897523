import { addressText } from '../../src/net/address.ts';
import type { AddressDump } from '../../src/wire/seen.ts';
import { attrU8, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';

/** Size of struct ifaddrmsg. */
const IFADDRMSG_BYTES = 8;

/** linux/rtnetlink.h, enum rt_scope_t. */
const SCOPES: Readonly<Record<number, AddressDump['scope']>> = {
  200: 'site',
  253: 'link',
  254: 'host',
  255: 'nowhere',
};

/** Reads the payload of one RTM_NEWADDR. Null: the family is neither IPv4 nor IPv6, or the message holds no address. */
export function readAddress(bytes: Buffer, start: number, end: number): AddressDump | null {
  if (start + IFADDRMSG_BYTES > end) return null;
  const family = bytes.readUInt8(start);
  const size = family === nl.AF_INET ? 4 : family === nl.AF_INET6 ? 16 : 0;
  if (size === 0) return null;
  let local = 0;
  let address = 0;
  let protocol = 0;
  eachAttribute(bytes, start + IFADDRMSG_BYTES, end, (type, at, length) => {
    if (type === nl.IFA_PROTO) protocol = attrU8(bytes, at, length);
    if (length !== nl.NLA_HDRLEN + size) return;
    // Without a point-to-point peer both attributes hold the same address, and IPv6 sends only the second one.
    if (type === nl.IFA_LOCAL) local = at;
    else if (type === nl.IFA_ADDRESS) address = at;
  });
  const own = local || address;
  if (own === 0) return null;
  return {
    ifindex: bytes.readUInt32LE(start + 4),
    address: `${addressText(bytes, own + nl.NLA_HDRLEN, size)}/${bytes.readUInt8(start + 1)}`,
    protocol,
    scope: SCOPES[bytes.readUInt8(start + 3)] ?? 'global',
  };
}
