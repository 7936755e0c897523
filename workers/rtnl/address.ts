import { prefixBytes } from '../../src/net/address.ts';
import { PROTOCOL } from '../../src/net/mark.ts';
import * as nl from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';

/** linux/rtnetlink.h. */
const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_HOST = 254;

/** RTM_NEWADDR: an address of ours on a device. IPv6 ones without duplicate address detection. Throws RangeError for what is no prefix. */
export function createAddress(batch: MessageBatch, ifindex: number, prefix: string): void {
  batch.begin(nl.RTM_NEWADDR, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  body(batch, ifindex, prefix);
  batch.attrU8(nl.IFA_PROTO, PROTOCOL);
  batch.end();
}

/** RTM_DELADDR. */
export function deleteAddress(batch: MessageBatch, ifindex: number, prefix: string): void {
  batch.begin(nl.RTM_DELADDR, 0);
  body(batch, ifindex, prefix);
  batch.end();
}

/** struct ifaddrmsg and the address, local and as prefix (the same: no point-to-point peer). */
function body(batch: MessageBatch, ifindex: number, prefix: string): void {
  const { family, bytes, prefixLength } = prefixBytes(prefix);
  // As ip(8) chooses: 127.0.0.0/8 is of the host. The kernel sees for itself in IPv6.
  const scope = family === 4 && bytes[0] === 127 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
  if (family === 4) batch.u8x4(nl.AF_INET, prefixLength, 0, scope);
  else batch.u8x4(nl.AF_INET6, prefixLength, nl.IFA_F_NODAD, scope);
  batch.u32(ifindex);
  batch.attrBytes(nl.IFA_LOCAL, bytes);
  batch.attrBytes(nl.IFA_ADDRESS, bytes);
}
