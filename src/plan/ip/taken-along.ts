/**
 * `ip/` plans the addresses and routes of nodes: which to remove, which to add, and which to put back because the
 * kernel itself removes them when a device changes.
 *
 * This file models what the kernel removes. The model errs on the safe side: some of what it reports may stay.
 */

import { followsParent } from '../../kinds/links/link-kinds.ts';
import { networkOf } from '../../net/offset.ts';
import type { AddressDump } from '../../wire/seen.ts';
import type { NsView } from '../ns-view.ts';
import { IPV6_MTU_MIN } from '../overrides/overrides.ts';

/** What a plan does to a device that exists. */
export interface Change {
  readonly ifindex: number;
  /** The device is deleted, perhaps to be made anew. */
  readonly gone: boolean;
  /** The new administrative state. null: unchanged. */
  readonly up: boolean | null;
  readonly mtuBytes: number | null;
  /** Addresses that the plan removes from the device. */
  readonly addresses: readonly string[];
}

/** The properties of a route that the model uses. */
export interface RouteTraits {
  readonly family: 4 | 6;
  /** The devices that the route leads through. */
  readonly ifindexes: readonly number[];
  readonly src: string | null;
  readonly mtuBytes: number | null;
}

/** What becomes of a route. `altered`: it stays, but without its source address or with another MTU. */
export type Fate = 'stays' | 'goes' | 'altered';

export interface TakenAlong {
  /** Whether an address is removed, by the kernel or by the plan itself. */
  readonly address: (ifindex: number, prefix: string) => boolean;
  readonly route: (route: RouteTraits) => Fate;
}

/** Models what becomes of the addresses and routes of a namespace when these changes are made. */
export function takenAlong(view: NsView, changes: readonly Change[]): TakenAlong {
  const all = [...changes, ...changesOfVlans(view, changes)];
  const lost = new Set<string>();
  const sources = new Set<string>();
  const without4 = new Set<number>();
  for (const change of all) {
    for (const { ifindex, address } of lostAddresses(view, change)) {
      lost.add(`${ifindex} ${address}`);
      sources.add(address.slice(0, address.indexOf('/')));
      if (!address.includes(':')) without4.add(ifindex);
    }
  }
  const byIndex = new Map<number, Change[]>();
  for (const change of all) byIndex.set(change.ifindex, [...(byIndex.get(change.ifindex) ?? []), change]);
  return {
    address: (ifindex, prefix) => lost.has(`${ifindex} ${prefix}`),
    route: (route) => {
      const own = route.ifindexes.flatMap((ifindex) => byIndex.get(ifindex) ?? []);
      // A device that is deleted or set down loses its routes (fib_disable_ip, rt6_disable_ip). Setting it up brings
      // none back.
      if (own.some(({ gone, up }) => gone || up !== null)) return 'goes';
      if (route.family === 4) {
        // A device that loses its last address loses all its routes (inetdev_event). Any address that is removed also
        // removes the routes that have it as their source (fib_sync_down_addr).
        const isLost = route.ifindexes.some((ifindex) => without4.has(ifindex));
        return isLost || sources.has(route.src ?? '') ? 'goes' : 'stays';
      }
      if (own.some(({ mtuBytes }) => mtuBytes !== null && mtuBytes < IPV6_MTU_MIN)) return 'goes';
      // These routes stay, but lose their source address or get another MTU (rt6_remove_prefsrc, rt6_mtu_change).
      const isSilenced = sources.has(route.src ?? '');
      const isResized = route.mtuBytes !== null && own.some(({ mtuBytes }) => mtuBytes !== null);
      return isSilenced || isResized ? 'altered' : 'stays';
    },
  };
}

/**
 * The changes, and those of the vlans on changed parents: a vlan goes up and down with its parent (vlan_device_event).
 */
function changesOfVlans(view: NsView, changes: readonly Change[]): readonly Change[] {
  return changes.flatMap((change) =>
    change.up === null
      ? []
      : view.dump.links
          .filter((link) => followsParent(link) && link.peerNsid === -1 && link.peerIndex === change.ifindex)
          .map(({ ifindex }) => ({ ...change, ifindex, mtuBytes: null, addresses: [] })),
  );
}

function lostAddresses(view: NsView, change: Change): readonly AddressDump[] {
  const { ifindex, gone, up, mtuBytes, addresses } = change;
  const there = view.addressesOf(ifindex);
  if (gone) return there;
  const asked = new Set(addresses);
  const subnets = new Set(addresses.filter((address) => !address.includes(':')).map(networkOf));
  // keep_addr_on_down is off unless somebody set it (addrconf_ifdown).
  const withoutIpv6 = up === false || (mtuBytes !== null && mtuBytes < IPV6_MTU_MIN);
  return there.filter(({ address }) => {
    if (address.includes(':')) return withoutIpv6 || asked.has(address);
    // The removal of a subnet's primary address removes its secondary ones, unless promote_secondaries is set
    // (__inet_del_ifa).
    return subnets.has(networkOf(address));
  });
}
