/**
 * The device by which linkloom's own container is on a network of its engine: ports that the engine publishes come in by it. Where
 * a link has such ports forwarded it is called DOCKER-ETH0, so that it is told from what belongs to the lab. `down` undoes that.
 */

import { aliasOf, markOf } from '../../net/mark.ts';
import { type NsId, OWN_NS } from '../../net/ns-id.ts';
import type { UplinkRename } from '../../wire/ops/extras.ts';
import type { NsDump } from '../../wire/seen.ts';
import type { Context } from '../context.ts';

/** Where forwards are: packets for published ports come to linkloom's own container. */
export const FORWARD_NS: NsId = OWN_NS;

/** Its name while a lab has it. */
export const UPLINK_DEV = 'DOCKER-ETH0';
/** Its name as the engine gives it. */
export const ENGINE_DEV = 'eth0';
/** In a mark: no node, but linkloom's own container. */
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

/** Give a device back the name that the lab took from it, unless another has that by now. */
export function returnUplink(lab: string, { ns, links }: NsDump): readonly UplinkRename[] {
  return links.flatMap((link): UplinkRename[] => {
    const mark = markOf(link.alias);
    if (mark?.lab !== lab || mark.node !== UPLINK_NODE) return [];
    // Whoever is in a node can mark any device of it: only what a lab can have made of it is undone.
    if (link.ifname !== UPLINK_DEV || mark.dev !== ENGINE_DEV || links.some(({ ifname }) => ifname === mark.dev))
      return [];
    const { ifname, ifindex } = link;
    return [{ op: 'uplink.rename', ns, link: null, cause: 'down', dev: ifname, ifindex, to: mark.dev, alias: null }];
  });
}
