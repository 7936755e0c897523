/** Bridges of the host that others made: they stay as they are, and only ports of ours come and go. */

import { externalPortMac } from '../../net/mac.ts';
import { nodeLabelOf } from '../../topology/links.ts';
import type { BridgeSpec, VethLink } from '../../topology/topology.ts';
import type { Context } from '../context.ts';

/** Notes the index of a bridge that is there. */
export function planExternal({ externals, bridgeIndex }: Context, { name }: BridgeSpec): void {
  const standing = externals.get(name);
  if (standing?.kind === 'there') bridgeIndex.set(name, standing.device.ifindex);
}

/** What a link waits for whose bridge others have still to make. null: it waits for no bridge. */
export function lackOfBridge({ externals }: Context, bridge: string): string | null {
  if (externals.get(bridge)?.kind !== 'missing') return null;
  return `waits for its external bridge ${bridge}, which does not exist in the host’s namespace`;
}

/** What a new link on such a bridge has in place of what it gives none of. `null`: the kernel's own. */
export interface ExternalPort {
  /** Of the node end. */
  readonly mtuBytes: number | null;
  /**
   * Of the port: that of the bridge, which takes the least of its ports for its own (br_mtu_auto_adjust; find_min_mtu of Open
   * vSwitch), so that it keeps what it has; and a MAC above all others, which is also locally administered, since it takes the least
   * of those, too (br_stp_recalculate_bridge_id), or of all that are not local (bridge_pick_local_hw_addr of Open vSwitch).
   */
  readonly port: { readonly mtuBytes: number | null; readonly mac: string };
}

/** null: the link is on a bridge of linkloom's. */
export function externalPort(context: Context, link: VethLink): ExternalPort | null {
  const { bridge, mtuBytes } = link.spec;
  if (!context.bridges.get(bridge)?.isExternal) return null;
  const standing = context.externals.get(bridge);
  const ofBridge = standing?.kind === 'there' ? standing.device.mtuBytes : null;
  const mac = externalPortMac(context.lab, nodeLabelOf(link), link.dev);
  return { mtuBytes: mtuBytes ?? ofBridge, port: { mtuBytes: ofBridge, mac } };
}
