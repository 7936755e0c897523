import { isLinkLocal } from '../../net/address.ts';
import { linkLocalOf } from '../../net/mac.ts';
import type { Link } from '../../topology/topology.ts';
import type { LinkLocal } from '../../wire/ops/links.ts';

/**
 * The link-local address that comes with addresses that an op adds: none without IPv6, with a link-local one among them, or for a device
 * with the MAC of its parent. `isBegun`: as of LinkLocal.
 */
export function linkLocalWith(
  addresses: readonly string[],
  { mac }: Pick<Link, 'mac'>,
  isBegun: boolean,
): { readonly linkLocal?: LinkLocal } {
  const ofIpv6 = addresses.filter((address) => address.includes(':'));
  if (mac === null || ofIpv6.length === 0 || ofIpv6.some(isLinkLocal)) return {};
  return { linkLocal: { prefix: linkLocalOf(mac), isBegun } };
}
