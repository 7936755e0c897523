/**
 * Compares the addresses of a device of this lab with those wanted, and says which to add and which to remove. The
 * first address of each IPv4 subnet has to be the one that the configuration names first.
 */

import { isLinkLocal } from '../../net/address.ts';
import { PROTOCOL } from '../../net/mark.ts';
import { networkOf } from '../../net/offset.ts';
import type { Link } from '../../topology/topology.ts';
import type { Saved } from '../../wire/ops/ip.ts';
import type { AddressDump } from '../../wire/seen.ts';
import type { NsView } from '../ns-view.ts';
import type { Observed } from '../observed.ts';
import { savedAddresses } from './others.ts';

export interface AddressChanges {
  readonly add: readonly string[];
  /** Linkloom's addresses to remove, in this order: the first address of a subnet goes after the others. */
  readonly del: readonly string[];
  /** Foreign addresses in a subnet whose first address changes. They are removed too, and put back after linkloom's. */
  readonly others: readonly Saved[];
  readonly causes: readonly string[];
  readonly notes: readonly string[];
}

/** The result of comparing one IPv4 subnet, or all of IPv6. */
interface Part {
  readonly add: readonly string[];
  readonly del: readonly string[];
  readonly others: readonly AddressDump[];
  readonly causes: readonly string[];
}

const isIpv6 = (address: string): boolean => address.includes(':');

/**
 * Compares the addresses. `isFlushed`: the planned change removes all IPv6 addresses from the device, so they have to
 * be added again.
 */
export function compareAddresses(
  link: Link,
  view: NsView,
  ifindex: number,
  observed: Observed,
  isFlushed: boolean,
): AddressChanges {
  const there = view.addressesOf(ifindex);
  const isOurs = ({ address, protocol }: AddressDump): boolean =>
    observed.addressProtocol ? protocol === PROTOCOL : !isLinkLocal(address);
  if (!isFlushed && areAsWanted(there, link.addresses, isOurs)) return NO_CHANGES;
  const wanted = new Set(link.addresses);
  const subnets = new Map<string, AddressDump[]>();
  for (const entry of there) {
    if (isIpv6(entry.address)) continue;
    const subnet = networkOf(entry.address);
    subnets.set(subnet, [...(subnets.get(subnet) ?? []), entry]);
  }
  const wantedIn = new Map<string, string[]>();
  for (const address of link.addresses) {
    if (isIpv6(address)) continue;
    const subnet = networkOf(address);
    wantedIn.set(subnet, [...(wantedIn.get(subnet) ?? []), address]);
    if (!subnets.has(subnet)) subnets.set(subnet, []);
  }
  const parts = [...subnets].map(([subnet, entries]) => compareSubnet(entries, wantedIn.get(subnet) ?? [], isOurs));
  parts.push(
    compareIpv6(
      there.filter(({ address }) => isIpv6(address)),
      link.addresses.filter(isIpv6),
      isOurs,
      isFlushed,
    ),
  );
  return {
    add: inOrder(link.addresses, new Set(parts.flatMap(({ add }) => add))),
    del: parts.flatMap(({ del }) => del),
    others: savedAddresses(
      view,
      parts.flatMap(({ others }) => others),
    ),
    causes: parts.flatMap(({ causes }) => causes),
    notes: there
      .filter((entry) => !wanted.has(entry.address) && !isOurs(entry) && !isLinkLocal(entry.address))
      .map(({ address }) => `${link.id}: address ${address} is not linkloom's, left alone`),
  };
}

const NO_CHANGES: AddressChanges = { add: [], del: [], others: [], causes: [], notes: [] };

/**
 * Whether a device has the wanted addresses in their order, all of them linkloom's, and else only the kernel's own of the link. So it is
 * with nearly every device of a lab that is looked at again, and then nothing needs to be sorted into subnets.
 */
function areAsWanted(
  there: readonly AddressDump[],
  wanted: readonly string[],
  isOurs: (entry: AddressDump) => boolean,
): boolean {
  let found = 0;
  for (const entry of there) {
    if (entry.address === wanted[found] && isOurs(entry)) found += 1;
    else if (isOurs(entry) || !isLinkLocal(entry.address)) return false;
  }
  return found === wanted.length;
}

function inOrder(addresses: readonly string[], chosen: ReadonlySet<string>): readonly string[] {
  return addresses.filter((address) => chosen.has(address));
}

function differences(
  there: readonly AddressDump[],
  wanted: readonly string[],
  isOurs: (entry: AddressDump) => boolean,
) {
  const isWanted = new Set(wanted);
  const present = new Set(there.map(({ address }) => address));
  const missing = wanted.filter((address) => !present.has(address));
  const unwanted = there.filter((entry) => !isWanted.has(entry.address) && isOurs(entry)).map(({ address }) => address);
  const causes = causesOf(missing, unwanted);
  return { isWanted, missing, unwanted, causes };
}

/**
 * Compares one IPv4 subnet. `there` has the kernel's order: the first address is the primary one, on which the others
 * depend.
 */
function compareSubnet(
  there: readonly AddressDump[],
  wanted: readonly string[],
  isOurs: (entry: AddressDump) => boolean,
): Part {
  const { isWanted, missing, unwanted, causes } = differences(there, wanted, isOurs);
  const [first] = there;
  const [primary] = wanted;
  const isRight = first === undefined || !isOurs(first) || first.address === primary;
  // Foreign addresses that come first stay first.
  if (isRight) return { add: missing, del: unwanted.toReversed(), others: [], causes };
  if (primary === undefined) return { add: [], del: unwanted.toReversed(), others: [], causes };
  if (causes.length === 0) causes.push(`address ${primary} is not the first of its subnet`);
  const others = there.filter((entry) => !isOurs(entry) && !isWanted.has(entry.address));
  const ours = there.filter((entry) => !others.includes(entry)).map(({ address }) => address);
  return { add: wanted, del: ours.toReversed(), others: others.toReversed(), causes };
}

function compareIpv6(
  there: readonly AddressDump[],
  wanted: readonly string[],
  isOurs: (entry: AddressDump) => boolean,
  isFlushed: boolean,
): Part {
  const { missing, unwanted, causes } = differences(there, wanted, isOurs);
  return { add: isFlushed ? wanted : missing, del: unwanted, others: [], causes };
}

function causesOf(missing: readonly string[], unwanted: readonly string[]): string[] {
  return [
    ...missing.map((address) => `address ${address} missing`),
    ...unwanted.map((address) => `address ${address} not in the configuration`),
  ];
}
