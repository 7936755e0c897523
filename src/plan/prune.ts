/** Finds, by marks alone, what of the lab exists and is wanted by nothing, and plans its removal. */
import { standsOnParent } from '../kinds/links/link-kinds.ts';
import { isOfLink, markOf, sameLab } from '../net/mark.ts';
import { isNamed, type NamedNs, type NsId } from '../net/ns-id.ts';
import { goesWith } from '../net/tenants.ts';
import { type Context, deleteDevice, isDeleted, isKept } from './context.ts';
import { leftRoutes } from './ip/left.ts';
import { identityOf } from './ip/wanted.ts';
import type { NsView } from './ns-view.ts';
import { planOvsPrune } from './ovs/rows.ts';
import { bridgesIn, manyBridges } from './switch/bridges-in.ts';
import { isShardName } from './switch/placement.ts';

const UNWANTED = 'not in the configuration';

/**
 * Plans the removal of devices of this lab that no link and no bridge wants. Returns their links as `NODE:DEV`. If both
 * ends of a veth were observed, both are planned for deletion; the second is gone by then, which is no failure.
 */
export function planPrune(context: Context): string[] {
  planOvsPrune(context);
  const removed = new Set<string>();
  const switchSide = new Set<NsId>([...context.placement.shards, ...context.placement.nsOfBridge.values()]);
  const wanted = new Set<NsId>([...context.network.nodes.map((node) => node.ns), ...switchSide]);
  const linked = new Set(context.network.links.map(({ node }) => identityOf(context.observed, node.ns)));
  for (const [ns, view] of context.observed.namespaces) {
    const leave = wanted.has(ns) ? null : leaveOf(context, ns, view);
    if (leave === 'whole') {
      for (const link of view.dump.links) remember(context, ns, link.ifindex, removed);
      releaseParents(context, ns, view);
      if (isShardName(context.lab, ns)) deleteBridges(context, ns, view);
    } else {
      if (!switchSide.has(ns) && !linked.has(view.dump.inode))
        context.draft.ops.push(...leftRoutes(view.dump, context.ownership, UNWANTED));
      pruneNamespace(context, ns, view, removed);
    }
    if (leave !== null && isNamed(ns)) takeLeave(context, ns, leave === 'shared');
  }
  return [...removed];
}

/**
 * What to do about a namespace that this lab no longer wants. `whole`: it is removed. `shared`: others may still need
 * it. null: it is not this lab's to remove.
 */
function leaveOf({ lab, ownership }: Context, ns: NsId, { dump }: NsView): 'whole' | 'shared' | null {
  if (!isNamed(ns)) return null;
  const tenancy = ownership.tenancyIn(dump);
  const { maker, hasMakerLeft, isIn } = tenancy;
  if (maker === null || (!isIn && (maker !== lab || hasMakerLeft))) return null;
  return goesWith(lab, tenancy) ? 'whole' : 'shared';
}

function takeLeave({ draft, lab }: Context, ns: NamedNs, shared: boolean): void {
  const role = isShardName(lab, ns) ? 'switch' : 'node';
  draft.ops.push({ op: 'netns.del', ns, link: null, cause: UNWANTED, lab, role, shared });
}

/**
 * Deletes child devices before their namespace. Namespaces are removed last and in the background, but a child device
 * occupies something of its parent (a VLAN id, or all of it) that a new link may need.
 */
function releaseParents(context: Context, ns: NsId, view: NsView): void {
  for (const link of view.dump.links) {
    if (link.group !== context.groups.other || !standsOnParent(link) || !context.ownership.owns(ns, link)) continue;
    if (!isDeleted(context, { ns, link })) deleteDevice(context, { ns, link }, null, UNWANTED);
  }
}

/** Deletes the bridges of a switch namespace before the namespace, a few at a time (`manyBridges` says why). */
function deleteBridges(context: Context, ns: NsId, view: NsView): void {
  if (!manyBridges([view.dump])) return;
  for (const link of bridgesIn(view.dump, context.groups.bridge, context.ownership)) {
    if (!isDeleted(context, { ns, link })) deleteDevice(context, { ns, link }, null, UNWANTED);
  }
}

function pruneNamespace(context: Context, ns: NsId, view: NsView, removed: Set<string>): void {
  for (const link of view.dump.links) {
    if (!sameLab(link.group, context.groups.port) || isKept(context, { ns, link })) continue;
    if (isDeleted(context, { ns, link }) || !context.ownership.owns(ns, link)) continue;
    remember(context, ns, link.ifindex, removed);
    deleteDevice(context, { ns, link }, null, UNWANTED);
  }
}

function remember(context: Context, ns: NsId, ifindex: number, removed: Set<string>): void {
  const alias = context.observed.namespaces.get(ns)?.byIndex.get(ifindex)?.alias ?? '';
  const mark = markOf(alias);
  if (mark && isOfLink(mark)) removed.add(`${mark.node}:${mark.dev}`);
}
