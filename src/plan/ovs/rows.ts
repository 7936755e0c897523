/** Answers questions about an instance's database, and plans the removal of rows. */

import { isLinuxBridge, traitsOf } from '../../kinds/bridge-modes.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import type { NsId } from '../../net/ns-id.ts';
import { outerDevOf } from '../../topology/links.ts';
import { tunnelDev } from '../../topology/names.ts';
import { type Context, keep } from '../context.ts';
import { allOvs, type OvsView } from '../observed.ts';
import { ovsDirectory } from './instance.ts';

/** The lab's instance of a namespace, or undefined if there is none. */
export function instanceAt(context: Context, ns: NsId): OvsView | undefined {
  return context.observed.ovs.get(ns);
}

/** The instance that has a bridge, or is to have it: the host's own for a bridge that others made. undefined: there is none. */
export function instanceOf(context: Context, bridge: string, ns: NsId): OvsView | undefined {
  if (!context.bridges.get(bridge)?.isExternal) return instanceAt(context, ns);
  return context.observed.systemOvs ?? undefined;
}

/** Whether both daemons of an Open vSwitch run. */
export function isRunning(instance: OvsView | undefined): boolean {
  return instance?.dump.fault === null;
}

/**
 * Whether a port's row is this lab's to remove: all rows of its own instance are, and in the host's own those with its mark, and
 * those of its devices.
 */
export function isOurRow({ observed, ownership }: Context, { dump, portOf }: OvsView, dev: string): boolean {
  if (!dump.isSystem || portOf(dev)?.ours) return true;
  const device = observed.namespaces.get(dump.ns)?.byName.get(dev);
  return device !== undefined && ownership.owns(dump.ns, device);
}

/** Plans the removal of a bridge or port from the database, unless that is planned already. */
export function deleteRow(
  context: Context,
  { dump: { ns, directory } }: OvsView,
  row: { readonly what: 'bridge' | 'port'; readonly dev: string },
  link: string | null,
  cause: string,
): void {
  const key = `${directory} ${row.what} ${row.dev}`;
  if (context.draft.deletedRows.has(key)) return;
  context.draft.deletedRows.add(key);
  context.draft.ops.push({ op: 'ovs.del', ns, link, cause, directory, ...row });
}

/**
 * Plans the removal of what carries the lab's mark in the databases and nothing wants: bridges, ports, and whole
 * instances without a bridge. It runs before devices are pruned, since Open vSwitch itself deletes the devices of such
 * rows.
 */
export function planOvsPrune(context: Context): void {
  const wanted = wantedRows(context);
  for (const instance of allOvs(context.observed)) {
    const { ns, isSystem, bridges } = instance.dump;
    if (!isSystem && !wanted.has(ns)) {
      stop(context, ns);
      continue;
    }
    for (const bridge of bridges) {
      if (!isSystem && bridge.ours && !wanted.has(`${ns} ${bridge.name}`)) {
        leaveToOvs(context, ns, bridge.name);
        deleteRow(context, instance, { what: 'bridge', dev: bridge.name }, null, UNWANTED);
        continue;
      }
      for (const port of bridge.ports) {
        if (!port.ours || wanted.has(`${ns} ${bridge.name} ${port.dev}`)) continue;
        deleteRow(context, instance, { what: 'port', dev: port.dev }, null, UNWANTED);
      }
    }
  }
}

const UNWANTED = 'not in the configuration';

/** The keys of all namespaces, bridges and ports that are wanted. */
function wantedRows(context: Context): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const bridge of context.bridges.values()) {
    const ns = context.placement.nsOfBridge.get(bridge.name);
    if (bridge.isExternal || !traitsOf(bridge).isOvs || ns === undefined) continue;
    wanted.add(ns).add(`${ns} ${bridge.name}`);
  }
  for (const link of context.network.links) {
    const bridge = bridgeOf(link.spec);
    const ns = bridge === null ? undefined : context.placement.nsOfBridge.get(bridge);
    if (ns !== undefined) wanted.add(`${ns} ${bridge} ${outerDevOf(link)}`);
  }
  for (const tunnel of context.network.tunnels) {
    const ns = context.placement.nsOfBridge.get(tunnel.bridge);
    if (ns !== undefined) wanted.add(`${ns} ${tunnel.bridge} ${tunnelDev(tunnel)}`);
  }
  return wanted;
}

function stop(context: Context, ns: NsId): void {
  for (const { name } of instanceAt(context, ns)?.dump.bridges ?? []) leaveToOvs(context, ns, name);
  context.draft.ops.push({
    op: 'ovs.stop',
    ns,
    link: null,
    cause: 'no bridge needs it',
    directory: ovsDirectory(context.lab, ns),
    cleanup: true,
  });
}

/** Open vSwitch deletes a bridge's device with its row, so no op of the plan deletes the device. */
function leaveToOvs(context: Context, ns: NsId, bridge: string): void {
  const device = context.observed.namespaces.get(ns)?.byName.get(bridge);
  if (device && !isLinuxBridge(device)) keep(context, ns, device.ifindex);
}
