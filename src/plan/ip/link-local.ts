import { linkLocalOf } from '../../net/mac.ts';
import type { Link } from '../../topology/topology.ts';
import type { LinkLocal } from '../../wire/ops/links.ts';

/**
 * The link-local address that comes with addresses that an op adds: none without IPv6, and none for a device with the MAC of its
 * parent. `isBegun`: as of LinkLocal.
 */
export function linkLocalWith(
  addresses: readonly string[],
  { mac }: Pick<Link, 'mac'>,
  isBegun: boolean,
): { readonly linkLocal?: LinkLocal } {
  if (mac === null || !addresses.some((address) => address.includes(':'))) return {};
  return { linkLocal: { prefix: linkLocalOf(mac), isBegun } };
}
