import { prefixBytes } from '../../src/net/address.ts';
import { PROTOCOL } from '../../src/net/mark.ts';
import * as nl from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';

/** linux/rtnetlink.h. */
const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_HOST = 254;

/**
 * RTM_NEWADDR: adds an address, marked as linkloom's, to a device. An IPv6 address skips duplicate address detection. Throws
 * RangeError for an invalid prefix.
 */
export function createAddress(batch: MessageBatch, ifindex: number, prefix: string): void {
  create(batch, ifindex, prefix, PROTOCOL);
}

/**
 * RTM_NEWADDR: adds the link-local address that the kernel would add later, marked as the kernel's: it is of the device and its MAC, and
 * does not go back onto another one. Throws RangeError for an invalid prefix.
 */
export function createLinkLocal(batch: MessageBatch, ifindex: number, prefix: string): void {
  create(batch, ifindex, prefix, nl.IFAPROT_KERNEL_LL);
}

function create(batch: MessageBatch, ifindex: number, prefix: string, protocol: number): void {
  batch.begin(nl.RTM_NEWADDR, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  body(batch, ifindex, prefix);
  batch.attrU8(nl.IFA_PROTO, protocol);
  batch.end();
}

/** RTM_DELADDR. */
export function deleteAddress(batch: MessageBatch, ifindex: number, prefix: string): void {
  batch.begin(nl.RTM_DELADDR, 0);
  body(batch, ifindex, prefix);
  batch.end();
}

/** Writes struct ifaddrmsg and the address. IFA_LOCAL and IFA_ADDRESS are equal: there is no point-to-point peer. */
function body(batch: MessageBatch, ifindex: number, prefix: string): void {
  const { family, bytes, prefixLength } = prefixBytes(prefix);
  // Like ip(8): 127.0.0.0/8 has host scope. For IPv6 the kernel sets the scope itself.
  const scope = family === 4 && bytes[0] === 127 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
  if (family === 4) batch.u8x4(nl.AF_INET, prefixLength, 0, scope);
  else batch.u8x4(nl.AF_INET6, prefixLength, nl.IFA_F_NODAD, scope);
  batch.u32(ifindex);
  batch.attrBytes(nl.IFA_LOCAL, bytes);
  batch.attrBytes(nl.IFA_ADDRESS, bytes);
}
