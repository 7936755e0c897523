/** Answers questions about an instance's database, and plans the removal of rows. */

import { isLinuxBridge, traitsOf } from '../../kinds/bridge-modes.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import type { NsId } from '../../net/ns-id.ts';
import { outerDevOf } from '../../topology/links.ts';
import { tunnelDev } from '../../topology/names.ts';
import { type Context, keep } from '../context.ts';
import type { OvsView } from '../observed.ts';
import { ovsDirectory } from './instance.ts';

/** The instance of a namespace, or undefined if there is none. */
export function instanceAt(context: Context, ns: NsId): OvsView | undefined {
  return context.observed.ovs.get(ns);
}

/** Whether both daemons of the namespace's Open vSwitch run. */
export function isRunning(context: Context, ns: NsId): boolean {
  return instanceAt(context, ns)?.dump.running ?? false;
}

/** Plans the removal of a bridge or port from the database, unless that is planned already. */
export function deleteRow(
  context: Context,
  ns: NsId,
  row: { readonly what: 'bridge' | 'port'; readonly dev: string },
  link: string | null,
  cause: string,
): void {
  const key = `${ns} ${row.what} ${row.dev}`;
  if (context.draft.deletedRows.has(key)) return;
  context.draft.deletedRows.add(key);
  context.draft.ops.push({ op: 'ovs.del', ns, link, cause, directory: ovsDirectory(context.lab, ns), ...row });
}

/**
 * Plans the removal of what carries the lab's mark in the databases and nothing wants: bridges, ports, and whole
 * instances without a bridge. It runs before devices are pruned, since Open vSwitch itself deletes the devices of such
 * rows.
 */
export function planOvsPrune(context: Context): void {
  const wanted = wantedRows(context);
  for (const [ns, { dump }] of context.observed.ovs) {
    if (!wanted.has(ns)) {
      stop(context, ns);
      continue;
    }
    for (const bridge of dump.bridges) {
      if (bridge.ours && !wanted.has(`${ns} ${bridge.name}`)) {
        leaveToOvs(context, ns, bridge.name);
        deleteRow(context, ns, { what: 'bridge', dev: bridge.name }, null, 'not in the configuration');
        continue;
      }
      for (const port of bridge.ports) {
        if (!port.ours || wanted.has(`${ns} ${bridge.name} ${port.dev}`)) continue;
        deleteRow(context, ns, { what: 'port', dev: port.dev }, null, 'not in the configuration');
      }
    }
  }
}

/** The keys of all namespaces, bridges and ports that are wanted. */
function wantedRows(context: Context): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const bridge of context.network.bridges) {
    const ns = context.placement.nsOfBridge.get(bridge.name);
    if (!traitsOf(bridge).isOvs || ns === undefined) continue;
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
