/** Ports of bridges of mode `ovs`: a row in the database beside the device. */

import { isLinuxBridge, traitsOf } from '../../kinds/bridge-modes.ts';
import type { NsId } from '../../net/ns-id.ts';
import { MADE } from '../../wire/device-ref.ts';
import type { OvsPort } from '../../wire/ops/switch.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Context } from '../context.ts';
import { NOT_RUNNING } from './bridges.ts';
import { ovsDirectory } from './instance.ts';
import { deleteRow, instanceAt, isRunning } from './rows.ts';

/** Whether a broadcast domain is Open vSwitch's. */
export function isOvs(context: Context, bridge: string): boolean {
  return traitsOf(context.bridges.get(bridge))?.isOvs === true;
}

/** What differs of an existing device's being a port of `bridge`. */
export function ovsPortDifferences(context: Context, bridge: string, ns: NsId, dev: string): string[] {
  const row = instanceAt(context, ns)?.portOf(dev);
  const causes = isRunning(context, ns) ? [] : [NOT_RUNNING];
  if (!row) causes.push(`port not in bridge ${bridge}`);
  else if (row.bridge !== bridge) causes.push(`port in another bridge than ${bridge}`);
  else if (row.error !== null) causes.push(row.error);
  return causes;
}

/** What is to become of a port's row in the database: it stays in a bridge, the device is to be in none of Open vSwitch's, or the device is made anew. */
export type RowFate = { readonly staysIn: string } | 'leaves' | 'made anew';

/** The fate of the row of a device that stays, and is to be in `bridge`. */
export function rowIn(context: Context, bridge: string): RowFate {
  return isOvs(context, bridge) ? { staysIn: bridge } : 'leaves';
}

/** Plan the removal of a row that would be wrong. A row left from a device of the same name would keep Open vSwitch at the old device. */
export function dropStaleRow(context: Context, ns: NsId, dev: string, link: string, fate: RowFate): void {
  const row = instanceAt(context, ns)?.portOf(dev);
  if (!row || (typeof fate === 'object' && row.bridge === fate.staysIn)) return;
  deleteRow(
    context,
    ns,
    { what: 'port', dev },
    link,
    fate === 'made anew' ? 'its device is made anew' : 'another bridge',
  );
}

/** The op that makes a device a port. `device`: as seen; undefined: made in this run. */
export function ovsPort(
  context: Context,
  port: Pick<OvsPort, 'ns' | 'link' | 'cause' | 'dev' | 'bridge' | 'alias' | 'raise' | 'mtuBytes'>,
  device: LinkDump | undefined,
): OvsPort {
  const master = context.observed.namespaces.get(port.ns)?.byIndex.get(device?.master ?? 0);
  return {
    op: 'ovs.port',
    ...port,
    directory: ovsDirectory(context.lab, port.ns),
    ifindex: device?.ifindex ?? MADE,
    release: isLinuxBridge(master),
  };
}
