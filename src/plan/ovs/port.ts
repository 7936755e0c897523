/** Ports of bridges of mode `ovs`: each has a row in the database beside its device. */

import { isLinuxBridge, traitsOf } from '../../kinds/bridge-modes.ts';
import type { NsId } from '../../net/ns-id.ts';
import { MADE } from '../../wire/device-ref.ts';
import type { OvsPort } from '../../wire/ops/switch.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Context } from '../context.ts';
import { ovsIn } from '../observed.ts';
import { NOT_RUNNING } from './bridges.ts';
import { ovsDirectory } from './instance.ts';
import { deleteRow, instanceOf, isOurRow, isRunning } from './rows.ts';

/** Whether a bridge is of mode `ovs`. */
export function isOvs(context: Context, bridge: string): boolean {
  return traitsOf(context.bridges.get(bridge))?.isOvs === true;
}

/** Differences between a device's row in the database and a port of `bridge`. */
export function ovsPortDifferences(context: Context, bridge: string, ns: NsId, dev: string): string[] {
  const instance = instanceOf(context, bridge, ns);
  const row = instance?.portOf(dev);
  const causes = isRunning(instance) ? [] : [NOT_RUNNING];
  if (!row) causes.push(`port not in bridge ${bridge}`);
  else if (row.bridge !== bridge) causes.push(`port in another bridge than ${bridge}`);
  else if (row.error !== null) causes.push(row.error);
  else if (!row.ours) causes.push(`port not marked in bridge ${bridge}`);
  return causes;
}

/**
 * What is to become of a port's row in the database. `staysIn`: the row stays in this bridge. `leaves`: the device is
 * to be in no Open vSwitch bridge. `made anew`: the device is made anew.
 */
export type RowFate = { readonly staysIn: string } | 'leaves' | 'made anew';

/** The fate of the row of a device that stays and is to be in `bridge`. */
export function rowIn(context: Context, bridge: string): RowFate {
  return isOvs(context, bridge) ? { staysIn: bridge } : 'leaves';
}

/**
 * Plans the removal of rows that would be wrong. With the row of an earlier device of the same name, Open vSwitch
 * would keep to that device.
 */
export function dropStaleRow(context: Context, ns: NsId, dev: string, link: string, fate: RowFate): void {
  const cause = fate === 'made anew' ? 'its device is made anew' : 'another bridge';
  for (const instance of ovsIn(context.observed, ns)) {
    const row = instance.portOf(dev);
    if (!row || !isOurRow(context, instance, dev)) continue;
    const stays = typeof fate === 'object' && row.bridge === fate.staysIn;
    if (!stays || instanceOf(context, row.bridge, ns) !== instance)
      deleteRow(context, instance, { what: 'port', dev }, link, cause);
  }
}

/** Whether others have a port of this name in the Open vSwitch of a bridge that they made. It has to stay. */
export function isOthersPort(context: Context, bridge: string, ns: NsId, dev: string): boolean {
  const instance = instanceOf(context, bridge, ns);
  return instance?.portOf(dev) !== undefined && !isOurRow(context, instance, dev);
}

/** The op that makes a device a port. `device`: the observed device. undefined: this run makes the device. */
export function ovsPort(
  context: Context,
  port: Pick<OvsPort, 'ns' | 'link' | 'cause' | 'dev' | 'bridge' | 'alias' | 'raise' | 'mtuBytes'>,
  device: LinkDump | undefined,
): OvsPort {
  const master = context.observed.namespaces.get(port.ns)?.byIndex.get(device?.master ?? 0);
  return {
    op: 'ovs.port',
    ...port,
    directory: instanceOf(context, port.bridge, port.ns)?.dump.directory ?? ovsDirectory(context.lab, port.ns),
    ifindex: device?.ifindex ?? MADE,
    release: isLinuxBridge(master),
  };
}
