/** Bridges of the host that others made: they stay as they are, and only ports of ours come and go. */

import { LinkloomError } from '../../errors.ts';
import { isLinuxBridge } from '../../kinds/bridge-modes.ts';
import { externalPortMac } from '../../net/mac.ts';
import { nodeLabelOf } from '../../topology/links.ts';
import type { BridgeSpec, VethLink } from '../../topology/topology.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Context } from '../context.ts';

/** The bridge's own device, as the host has it; undefined: there is none, or nobody has looked. */
function deviceOf({ placement, observed }: Context, bridge: string): LinkDump | undefined {
  if (placement.externalNs === null) return undefined;
  return observed.namespaces.get(placement.externalNs)?.byName.get(bridge);
}

/** Notes the index of a bridge. Throws E_FOREIGN_DEVICE where there is none of that name: then nothing is touched. */
export function planExternal(context: Context, bridge: BridgeSpec): void {
  const { externalNs } = context.placement;
  // Nobody has looked: the bridge counts as there.
  if (externalNs === null || !context.observed.namespaces.has(externalNs)) return;
  const device = deviceOf(context, bridge.name);
  if (context.observed.systemOvs?.bridgeOf(bridge.name)) return;
  if (device === undefined)
    throw refusal(
      bridge,
      'does not exist in the host’s namespace',
      'make it, or leave `external` out so that linkloom does',
    );
  if (!isLinuxBridge(device)) {
    const kind = device.kind === '' ? 'a device without a kind' : `a device of kind ${device.kind}`;
    throw refusal(
      bridge,
      `is no bridge in the host’s namespace, but ${kind}`,
      'name a bridge of Linux, or one that the host’s Open vSwitch has',
    );
  }
  context.bridgeIndex.set(bridge.name, device.ifindex);
}

function refusal(bridge: BridgeSpec, message: string, hint: string): LinkloomError {
  const where = bridge.where();
  return new LinkloomError('E_FOREIGN_DEVICE', `External bridge ${bridge.name} ${message}`, {
    ...(where ? { where } : {}),
    hint: `${hint}; nothing has been touched`,
  });
}

/** What a new link on such a bridge has in place of what it gives none of. `null`: the kernel's own. */
export interface ExternalPort {
  /** Of the node end. */
  readonly mtuBytes: number | null;
  /**
   * Of the port: that of the bridge, which takes the least of its ports for its own (br_mtu_auto_adjust), so that it keeps what it has;
   * and a MAC above all others, since it takes the least of those, too (br_stp_recalculate_bridge_id).
   */
  readonly port: { readonly mtuBytes: number | null; readonly mac: string };
}

/** null: the link is on a bridge of linkloom's. */
export function externalPort(context: Context, link: VethLink): ExternalPort | null {
  const { bridge, mtuBytes } = link.spec;
  if (!context.bridges.get(bridge)?.isExternal) return null;
  const ofBridge = deviceOf(context, bridge)?.mtuBytes ?? null;
  const mac = externalPortMac(context.lab, nodeLabelOf(link), link.dev);
  return { mtuBytes: mtuBytes ?? ofBridge, port: { mtuBytes: ofBridge, mac } };
}
