/**
 * `ip/` plans the addresses and routes of nodes: what is to go, what is to come, and what the kernel takes along by itself,
 * which has to be put back.
 *
 * This file: a model of the last. It errs on the safe side: what it says may go need not.
 */

import { followsParent } from '../../kinds/links/link-kinds.ts';
import { networkOf } from '../../net/offset.ts';
import type { AddressDump } from '../../wire/seen.ts';
import type { NsView } from '../observed.ts';

/** Below it the kernel takes IPv6 off a device whole (IPV6_MIN_MTU, linux/ipv6.h). */
const IPV6_MTU_MIN = 1280;

/** What a plan does to a device that is there. */
export interface Change {
  readonly ifindex: number;
  /** It is deleted, maybe to be made again. */
  readonly gone: boolean;
  /** null: left as it is. */
  readonly up: boolean | null;
  readonly mtuBytes: number | null;
  /** Addresses that are taken from it. */
  readonly addresses: readonly string[];
}

/** What of a route the model looks at. */
export interface RouteTraits {
  readonly family: 4 | 6;
  /** Devices that it leaves by. */
  readonly ifindexes: readonly number[];
  readonly src: string | null;
  readonly mtuBytes: number | null;
}

/** `altered`: it stays, but without its source address, or with another MTU. */
export type Fate = 'stays' | 'goes' | 'altered';

export interface TakenAlong {
  /** Whether an address goes, also one that the plan itself takes away. */
  readonly address: (ifindex: number, prefix: string) => boolean;
  readonly route: (route: RouteTraits) => Fate;
}

/** What becomes of the addresses and routes of a namespace by these changes. */
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
      // A device that goes, or goes down, takes its routes along (fib_disable_ip, rt6_disable_ip); one that comes up brings none back.
      if (own.some(({ gone, up }) => gone || up !== null)) return 'goes';
      if (route.family === 4) {
        // The last address of a device takes all its routes along (inetdev_event), any address those that send from it (fib_sync_down_addr).
        const isLost = route.ifindexes.some((ifindex) => without4.has(ifindex));
        return isLost || sources.has(route.src ?? '') ? 'goes' : 'stays';
      }
      if (own.some(({ mtuBytes }) => mtuBytes !== null && mtuBytes < IPV6_MTU_MIN)) return 'goes';
      // rt6_remove_prefsrc, rt6_mtu_change: these take something out of routes that stay.
      const isSilenced = sources.has(route.src ?? '');
      const isResized = route.mtuBytes !== null && own.some(({ mtuBytes }) => mtuBytes !== null);
      return isSilenced || isResized ? 'altered' : 'stays';
    },
  };
}

/** A vlan goes up and down with its parent (vlan_device_event). */
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
    // With the first of a subnet go its secondaries, unless promote_secondaries is set (__inet_del_ifa).
    return subnets.has(networkOf(address));
  });
}
