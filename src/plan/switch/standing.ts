/** What bridges of the host that others made are found to be. */

import { foundMode, isLinuxBridge } from '../../kinds/bridge-modes.ts';
import type { BridgeSpec, Network, Refusal } from '../../topology/topology.ts';
import type { LinkDump, OvsBridgeDump } from '../../wire/seen.ts';
import type { NsView } from '../ns-view.ts';
import type { Observed, OvsView } from '../observed.ts';
import type { Placement } from './placement.ts';

/** What such a bridge is found to be. It is nobody's fault but its own links'. */
export type Standing =
  | { readonly kind: 'there'; readonly device: LinkDump }
  /** Its owner may make it at any time: its links wait for it. */
  | { readonly kind: 'missing' }
  /** Something else has its name, or it can't be joined. */
  | { readonly kind: 'unfit'; readonly refusal: Refusal };

/** Each bridge that others made, as found. Empty: there is none, or nobody has looked, and then all count as there. */
export function standingsOf(
  bridges: readonly BridgeSpec[],
  observed: Observed,
  { externalNs }: Placement,
): ReadonlyMap<string, Standing> {
  const view = externalNs === null ? undefined : observed.namespaces.get(externalNs);
  if (view === undefined) return new Map();
  const externals = bridges.filter(({ isExternal }) => isExternal);
  return new Map(externals.map(({ name }) => [name, standingOf(name, view, observed.systemOvs)]));
}

function standingOf(name: string, view: NsView, ovs: OvsView | null): Standing {
  const device = view.byName.get(name);
  if (device && isLinuxBridge(device)) return { kind: 'there', device };
  const row = ovs?.bridgeOf(name);
  if (ovs && row) return standingInOvs(row, ovs, device);
  if (device === undefined) return { kind: 'missing' };
  if (device.kind === 'openvswitch' && (ovs === null || ovs.dump.fault === 'no-server')) {
    const lack = ovs === null ? 'was not found' : 'does not answer';
    return unfit('E_TOOL', `external bridge ${name} is of Open vSwitch, whose database ${lack}`, adviceOf(ovs));
  }
  const kind = device.kind === '' ? 'a device without a kind' : `a device of kind ${device.kind}`;
  const message = `external bridge ${name} is no bridge in the host’s namespace, but ${kind}`;
  return unfit('E_FOREIGN_DEVICE', message, adviceOf(ovs));
}

function standingInOvs({ name, error }: OvsBridgeDump, { dump }: OvsView, device: LinkDump | undefined): Standing {
  const where = `the host’s Open vSwitch (${dump.directory})`;
  if (dump.fault === 'no-switch')
    return unfit('E_TOOL', `external bridge ${name}: the ovs-vswitchd of ${where} does not run`, 'start it');
  if (dump.fault === 'elsewhere') {
    const message = `external bridge ${name}: ${where} does not serve the host’s namespace`;
    return unfit('E_TOOL', message, 'name the directory of the one that does in OVS_RUNDIR');
  }
  if (error !== null)
    return unfit('E_TOOL', `external bridge ${name}: ${where} says: ${error}`, 'mend the bridge first');
  return device === undefined ? { kind: 'missing' } : { kind: 'there', device };
}

/** What to do about a device that is no bridge, by what is known of Open vSwitch, whose bridges look like any device. */
function adviceOf(ovs: OvsView | null): string {
  const named = 'name a bridge of Linux, or one that the host’s Open vSwitch has';
  if (ovs === null)
    return `${named}, which was not found: there is no db.sock in the directory that OVS_RUNDIR names, or else /run/openvswitch`;
  return ovs.dump.fault === 'no-server' ? `${named}: its ${ovs.dump.directory}/db.sock does not answer` : named;
}

function unfit(code: Refusal['code'], message: string, hint: string): Standing {
  return { kind: 'unfit', refusal: { code, message, hint } };
}

/** The same bridges, those of others with the mode that they have. */
export function asFound(
  bridges: readonly BridgeSpec[],
  standings: ReadonlyMap<string, Standing>,
): ReadonlyMap<string, BridgeSpec> {
  return new Map(
    bridges.map((bridge) => {
      const standing = standings.get(bridge.name);
      if (standing?.kind !== 'there') return [bridge.name, bridge];
      return [bridge.name, { ...bridge, mode: foundMode(!isLinuxBridge(standing.device)) }];
    }),
  );
}

/** The bridges that links wait for. */
export function missingBridges(
  network: Pick<Network, 'bridges'>,
  observed: Observed,
  placement: Placement,
): ReadonlySet<string> {
  const standings = standingsOf(network.bridges, observed, placement);
  return new Set([...standings].flatMap(([name, { kind }]) => (kind === 'missing' ? [name] : [])));
}
