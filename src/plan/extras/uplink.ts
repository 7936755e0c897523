/**
 * The uplink: the device that connects linkloom's own container to a network of its engine. Ports that the engine
 * publishes arrive there. If a link forwards such ports, the device is renamed to DOCKER-ETH0, which sets it apart from
 * the lab's devices. `down` gives it its old name back.
 */

import { aliasOf, markOf } from '../../net/mark.ts';
import { type NsId, OWN_NS } from '../../net/ns-id.ts';
import type { UplinkRename } from '../../wire/ops/extras.ts';
import type { NsDump } from '../../wire/seen.ts';
import type { Context } from '../context.ts';

/** The namespace of the forwards. Packets for published ports arrive in linkloom's own container. */
export const FORWARD_NS: NsId = OWN_NS;

/** The uplink's name while a lab uses it. */
export const UPLINK_DEV = 'DOCKER-ETH0';
/** The name that the engine gives to the uplink. */
export const ENGINE_DEV = 'eth0';
/** Stands in the uplink's mark where other marks have their node. */
const UPLINK_NODE = '#uplink';

export function planUplink(context: Context): void {
  const { uplinkMac } = context.placement;
  if (uplinkMac === null || context.network.links.every(({ forwards }) => forwards.length === 0)) return;
  const own = context.observed.namespaces.get(FORWARD_NS);
  const device = own?.byName.get(ENGINE_DEV);
  if (device?.mac !== uplinkMac || own?.byName.has(UPLINK_DEV)) return;
  context.draft.ops.push({
    op: 'uplink.rename',
    ns: FORWARD_NS,
    link: null,
    cause: 'kept aside for forwarded ports',
    dev: ENGINE_DEV,
    ifindex: device.ifindex,
    to: UPLINK_DEV,
    alias: aliasOf(context.lab, UPLINK_NODE, ENGINE_DEV),
  });
}

/** Gives the uplink its old name back, unless another device has that name by now. */
export function returnUplink(lab: string, { ns, links }: NsDump): readonly UplinkRename[] {
  return links.flatMap((link): UplinkRename[] => {
    const mark = markOf(link.alias);
    if (mark?.lab !== lab || mark.node !== UPLINK_NODE) return [];
    // A process in a node can write any mark on any device there. So only a rename that a lab can have made is undone.
    if (link.ifname !== UPLINK_DEV || mark.dev !== ENGINE_DEV || links.some(({ ifname }) => ifname === mark.dev))
      return [];
    const { ifname, ifindex } = link;
    return [{ op: 'uplink.rename', ns, link: null, cause: 'down', dev: ifname, ifindex, to: mark.dev, alias: null }];
  });
}
