/** Bridges and the namespaces that hold them. Bridges with the lab's mark are adopted, missing ones are made. */

import { LinkloomError } from '../../errors.ts';
import { isLinuxBridge, traitsOf } from '../../kinds/bridge-modes.ts';
import { type NamedNs, type NsId, netnsNameOf } from '../../net/ns-id.ts';
import type { BridgeSpec } from '../../topology/topology.ts';
import { type Context, keep } from '../context.ts';
import { withFiles } from '../orphans/orphans.ts';
import { planLeaveOvs, planOvsBridge } from '../ovs/bridges.ts';
import { isShard } from '../ownership.ts';
import { planExternal } from './external.ts';
import { bridgeAlias, isShardName, netnsAlias } from './placement.ts';

/**
 * Plans the switch namespaces and every bridge. This comes before anything else, since links need the bridges' indexes.
 * Throws E_FOREIGN_DEVICE if a foreign device has a bridge's name; then nothing is touched.
 */
export function planBridges(context: Context): void {
  for (const ns of context.placement.shards) planShard(context, ns);
  for (const bridge of context.network.bridges) {
    const ns = context.placement.nsOfBridge.get(bridge.name);
    if (ns === undefined) continue;
    if (bridge.isExternal) {
      planExternal(context, bridge);
      continue;
    }
    const { isMaster, isOvs } = traitsOf(bridge);
    if (isMaster) planBridge(context, bridge, ns);
    if (isOvs) planOvsBridge(context, bridge, ns, foreignBridge);
  }
}

function planShard(context: Context, ns: NamedNs): void {
  const there = context.observed.namespaces.get(ns)?.dump;
  if (there && !isShard(context.lab, there)) throw foreignNamespace(context.lab, ns);
  if (there) return;
  const alias = withFiles(context, ns, netnsAlias(context.lab, netnsNameOf(ns)));
  const cause = 'switch namespace missing';
  context.draft.ops.push({ op: 'netns.add', ns, link: null, cause, role: 'switch', alias, lab: context.lab });
}

/**
 * The error for a namespace of a switch namespace's name that the lab did not make. Only somebody who may write in
 * /run/netns can have made it. The lab's bridges there could meet foreign devices.
 */
function foreignNamespace(lab: string, ns: NamedNs): LinkloomError {
  const name = netnsNameOf(ns);
  return new LinkloomError('E_FOREIGN_DEVICE', `the namespace ${name} is there, and the lab ${lab} did not make it`, {
    hint: `give the lab another name, or remove it (\`ip netns del ${name}\`) if nobody uses it; nothing has been touched`,
  });
}

function planBridge(context: Context, bridge: BridgeSpec, ns: NsId): void {
  const alias = bridgeAlias(context.lab, bridge.name);
  const there = context.observed.namespaces.get(ns)?.byName.get(bridge.name);
  const wasOvs = there?.alias === alias && !isLinuxBridge(there);
  if (there && wasOvs) {
    planLeaveOvs(context, bridge, ns, there);
  } else if (there) {
    const isOurs =
      isLinuxBridge(there) && (there.alias === alias || (there.alias === '' && there.group === context.groups.bridge));
    if (!isOurs) throw foreignBridge(bridge, there.kind);
    keep(context, ns, there.ifindex);
    context.bridgeIndex.set(bridge.name, there.ifindex);
    if (there.up && there.alias === alias) return;
    context.draft.ops.push({
      op: 'bridge.raise',
      ns,
      link: null,
      cause: there.up ? 'mark missing' : `bridge ${bridge.name} is down`,
      dev: bridge.name,
      ifindex: there.ifindex,
      alias,
    });
    return;
  }
  const ifindex = context.nextIndex(ns);
  context.bridgeIndex.set(bridge.name, ifindex);
  const { groups } = context;
  context.draft.ops.push({
    op: 'bridge.add',
    ns,
    link: null,
    cause: 'missing',
    dev: bridge.name,
    ifindex,
    group: groups.bridge,
    alias,
    mcastSnooping: bridge.mcastSnooping,
    // In a namespace that others see, somebody may switch VLAN filtering on.
    vlans: !isShardName(context.lab, ns),
    raise: context.raiseSingly(ns),
  });
}

function foreignBridge(bridge: BridgeSpec, kind: string): LinkloomError {
  const where = bridge.where();
  return new LinkloomError(
    'E_FOREIGN_DEVICE',
    `Bridge ${bridge.name} already exists: a ${kind || 'device'} of that name that this lab did not make`,
    {
      ...(where ? { where } : {}),
      hint: 'rename the bridge in the configuration, or remove the device that is in the way; nothing has been touched',
    },
  );
}
