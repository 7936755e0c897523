/** Bridges of mode `ovs` and the daemons that they need. */

import { LinkloomError } from '../../errors.ts';
import { isLinuxBridge } from '../../kinds/bridge-modes.ts';
import type { NsId } from '../../net/ns-id.ts';
import { spokenPlace } from '../../topology/places.ts';
import type { BridgeSpec } from '../../topology/topology.ts';
import type { LinkDump, OvsBridgeDump } from '../../wire/seen.ts';
import { type Context, deleteDevice, keep } from '../context.ts';
import { bridgeAlias } from '../switch/placement.ts';
import { ovsDirectory } from './instance.ts';
import { deleteRow, instanceAt, isRunning } from './rows.ts';

/** The cause of the ops that set up an instance again. */
export const NOT_RUNNING = 'Open vSwitch does not run';

/** Devices that a running Open vSwitch makes in its namespace, one for each kind of datapath. */
const DATAPATH_DEVICES = ['ovs-system', 'ovs-netdev'] as const;

/**
 * Plans one bridge. `foreign` makes the error for a device of the bridge's name that is not linkloom's, and that error
 * is thrown. Throws E_FOREIGN_DEVICE if another Open vSwitch runs in the namespace: two would take each other's ports
 * away.
 */
export function planOvsBridge(
  context: Context,
  bridge: BridgeSpec,
  ns: NsId,
  foreign: (bridge: BridgeSpec, kind: string) => LinkloomError,
): void {
  const row = instanceAt(context, ns)?.bridgeOf(bridge.name);
  const alias = bridgeAlias(context.lab, bridge.name);
  const device = context.observed.namespaces.get(ns)?.byName.get(bridge.name);
  if (device && device.alias !== alias && !row) throw foreign(bridge, device.kind);
  startOnce(context, bridge, ns);
  if (device && isLinuxBridge(device)) deleteDevice(context, { ns, link: device }, null, 'mode linux → ovs');
  if (device) keep(context, ns, device.ifindex);
  const causes = differences(context, bridge, row, isLinuxBridge(device) ? undefined : device, ns);
  if (causes.length === 0) return;
  context.draft.ops.push({
    op: 'ovs.bridge',
    ns,
    link: null,
    cause: causes.join(', '),
    directory: ovsDirectory(context.lab, ns),
    dev: bridge.name,
    datapath: bridge.datapath ?? 'system',
    group: context.groups.bridge,
    alias,
    mcastSnooping: bridge.mcastSnooping,
  });
}

/** Plans the removal of an `ovs` bridge that is to be a Linux bridge. The old bridge goes first. */
export function planLeaveOvs(context: Context, bridge: BridgeSpec, ns: NsId, device: LinkDump): void {
  const cause = 'mode ovs → linux';
  keep(context, ns, device.ifindex);
  const instance = instanceAt(context, ns);
  if (instance?.bridgeOf(bridge.name)) deleteRow(context, instance, { what: 'bridge', dev: bridge.name }, null, cause);
  else deleteDevice(context, { ns, link: device }, null, cause);
}

function startOnce(context: Context, bridge: BridgeSpec, ns: NsId): void {
  const instance = instanceAt(context, ns);
  if (isRunning(instance) || context.draft.started.has(ns)) return;
  if (!instance) refuseSecond(context, bridge, ns);
  context.draft.started.add(ns);
  context.draft.ops.push({
    op: 'ovs.start',
    ns,
    link: null,
    cause: instance ? NOT_RUNNING : 'missing',
    directory: ovsDirectory(context.lab, ns),
    lab: context.lab,
  });
}

function refuseSecond(context: Context, bridge: BridgeSpec, ns: NsId): void {
  const devices = context.observed.namespaces.get(ns)?.byName;
  const theirs = DATAPATH_DEVICES.find((dev) => devices?.has(dev));
  if (theirs === undefined) return;
  const where = bridge.where();
  throw new LinkloomError(
    'E_FOREIGN_DEVICE',
    `Bridge ${bridge.name}: another Open vSwitch runs in ${spokenPlace(ns)} (it has the device ${theirs}); two would take each other's ports away`,
    {
      ...(where ? { where } : {}),
      hint: 'let linkloom make namespaces for its bridges (`--switch netns`), or use mode linux; nothing has been touched',
    },
  );
}

function differences(
  context: Context,
  bridge: BridgeSpec,
  row: OvsBridgeDump | undefined,
  device: LinkDump | undefined,
  ns: NsId,
): string[] {
  if (!row && !device) return ['missing'];
  const causes: string[] = [];
  const datapath = bridge.datapath ?? 'system';
  if (!isRunning(instanceAt(context, ns))) causes.push(NOT_RUNNING);
  else if (!row) causes.push('not in the database of Open vSwitch');
  if (row && row.datapath !== datapath) causes.push(`datapath ${row.datapath} → ${datapath}`);
  if (row && row.mcastSnooping !== bridge.mcastSnooping) causes.push(`mcast-snooping → ${bridge.mcastSnooping}`);
  if (row && row.error !== null) causes.push(row.error);
  if (!device) causes.push('its device is missing');
  else if (device.alias !== bridgeAlias(context.lab, bridge.name)) causes.push('mark missing');
  else if (!device.up) causes.push(`bridge ${bridge.name} is down`);
  return causes;
}
