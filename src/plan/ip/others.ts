/** Foreign addresses and routes of a node, saved so that they can be put back. */

import { isOurGroup, PROTOCOL, sameLab } from '../../net/mark.ts';
import type { Saved } from '../../wire/ops/ip.ts';
import type { AddressDump, OtherDump } from '../../wire/seen.ts';
import { type Context, isDeleted } from '../context.ts';
import type { NsView } from '../ns-view.ts';
import type { TakenAlong } from './taken-along.ts';

/**
 * The saved forms of these foreign addresses, in their order. Empty if the observation did not include foreign
 * addresses.
 */
export function savedAddresses(view: NsView, addresses: readonly AddressDump[]): readonly Saved[] {
  return addresses.flatMap(({ ifindex, address }) => {
    const other = view.others?.find(
      ({ what, prefix, ifindexes }) => what === 'address' && prefix === address && ifindexes[0] === ifindex,
    );
    return other ? [savedOf(view, other)] : [];
  });
}

export function savedOf(view: NsView, { prefix, payload, ifindexes }: OtherDump, isAltered = false): Saved {
  const devices = ifindexes.map((ifindex) => ({ ifindex, dev: view.byIndex.get(ifindex)?.ifname ?? null }));
  return { prefix, payload, devices, isAltered };
}

export interface OthersTakenAlong {
  readonly addresses: readonly Saved[];
  readonly routes: readonly Saved[];
}

/**
 * The foreign addresses and routes that the kernel removes because of the plan. Empty if the observation did not
 * include them.
 */
export function othersTakenAlong(context: Context, view: NsView, along: TakenAlong): OthersTakenAlong {
  const addresses: Saved[] = [];
  const routes: Saved[] = [];
  for (const other of view.others ?? []) {
    if (isOfThisLab(context, view, other) || !isStillSomewhere(context, view, other)) continue;
    const [ifindex = 0] = other.ifindexes;
    if (other.what === 'address') {
      if (along.address(ifindex, other.prefix)) addresses.push(savedOf(view, other));
      continue;
    }
    const fate = along.route(other);
    if (fate === 'stays') continue;
    routes.push(savedOf(view, other, fate === 'altered'));
  }
  return { addresses, routes };
}

/**
 * Whether an address or route belongs to this lab. With linkloom's protocol number it does, unless its device is
 * another lab's.
 */
function isOfThisLab({ groups }: Context, view: NsView, { protocol, ifindexes }: OtherDump): boolean {
  if (protocol !== PROTOCOL) return false;
  const device = view.byIndex.get(ifindexes[0] ?? 0);
  return device === undefined || !isOurGroup(device.group) || sameLab(device.group, groups.nodeEnd);
}

/** Whether the devices of an address or route stay. If nothing wants a device any more, what is on it goes with it. */
function isStillSomewhere(context: Context, view: NsView, { ifindexes }: OtherDump): boolean {
  const { ns } = view.dump;
  return ifindexes.every((ifindex) => {
    const link = view.byIndex.get(ifindex);
    if (link === undefined) return ifindex === 0;
    if (!isDeleted(context, { ns, link })) return true;
    return context.network.links.some(({ node, dev }) => node.ns === ns && dev === link.ifname);
  });
}
