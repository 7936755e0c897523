/** Network and Observed → Plan: the operations that turn what exists into what is wanted, each with its cause. */

import { traitsOf } from '../kinds/bridge-modes.ts';
import { hasLeft } from '../net/tenants.ts';
import { localParents } from '../topology/parents.ts';
import type { Link, Network, Node, VethLink } from '../topology/topology.ts';
import { isMade } from '../wire/device-ref.ts';
import type { Op } from '../wire/op.ts';
import { blockRefused, type Context, contextOf, remark, verdict } from './context.ts';
import { planExtras } from './extras/extras.ts';
import { planIp } from './ip/ip.ts';
import { planLoopbacks } from './ip/loopbacks.ts';
import { planAlone } from './links/alone.ts';
import { planDirect, planLone } from './links/direct.ts';
import { planVeth } from './links/veth.ts';
import type { Observed } from './observed.ts';
import { planRemovals } from './orphans/orphans.ts';
import { overridesOfLinks } from './overrides/describe.ts';
import { NO_RESETS, type Resets } from './overrides/overrides.ts';
import { planStacked } from './parents/stacked.ts';
import { planTunnels } from './parents/tunnels.ts';
import type { Plan } from './plan.ts';
import { planBridges } from './switch/bridges.ts';
import { netnsAlias, type Placement } from './switch/placement.ts';
import { planImpairments } from './traffic/netem.ts';
import { joinWire, planWires } from './traffic/wires.ts';

export interface DiffOptions {
  /**
   * Remove the lab's devices that are not in `network`. Valid only if `network` is the whole lab and all of the lab was
   * observed.
   */
  readonly prune: boolean;
  /** Which files `network` was loaded from (`Loaded.fileSet`). Absent: which files they are does not matter. */
  readonly files?: string;
  /**
   * Earlier lists of files in the life of this process, as when a symbolic link was pointed elsewhere. What they made
   * counts as made by these files.
   */
  readonly filesBefore?: readonly string[];
  /** Also remove what other files made. */
  readonly pruneOrphans?: boolean;
  /** Which overrides are taken back. Absent: none; they stay, and are named. */
  readonly resets?: Resets;
}

/**
 * Compares and plans. A link that is in order gets no op. Throws LinkloomError E_FOREIGN_DEVICE if a foreign device has
 * the name of a bridge. Nothing of the plan may be carried out then.
 */
export function diff(network: Network, observed: Observed, placement: Placement, options: DiffOptions): Plan {
  const { prune: isWhole, files = null, filesBefore = [], resets = NO_RESETS } = options;
  const context = contextOf(network, observed, placement, { isWhole, files, filesBefore, resets });
  planBridges(context);
  for (const node of network.nodes) planNode(context, node);
  planTunnels(context);
  const direct = new Map<string, VethLink>();
  const parentOf = localParents(network.links);
  for (const link of network.links) if (parentOf(link) === null) planLink(context, link, direct);
  for (const link of direct.values()) planLone(context, link);
  planStacked(
    context,
    network.links.flatMap((link) => ('parent' in link && parentOf(link) !== null ? [link] : [])),
    parentOf,
  );
  planExtras(context);
  planImpairments(context);
  planWires(context, isWhole);
  planLoopbacks(context);
  planGroupUps(context);
  const removals = options.prune ? planRemovals(context, options.pruneOrphans ?? false) : { removed: [], orphans: [] };
  planIp(context);
  const { ops, links, failures, notes, doubts } = context.draft;
  const isSure = doubts.others.size === 0 && doubts.farEnds.size === 0;
  const overrides = overridesOfLinks(network, observed, context.overrides);
  return { lab: context.lab, ops, links, ...removals, failures, notes, overrides, doubts: isSure ? null : doubts };
}

function planNode(context: Context, node: Node): void {
  const { namespaces, unreachable } = context.observed;
  if (node.kind !== 'netns' || unreachable.has(node.ns)) return;
  if (namespaces.has(node.ns)) return takeBack(context, node);
  context.draft.ops.push({
    op: 'netns.add',
    ns: node.ns,
    link: null,
    cause: 'namespace missing',
    role: 'node',
    alias: netnsAlias(context.lab, node.name),
    lab: context.lab,
  });
}

/** Takes a namespace back. The lab made it, and left it to others when it went; now the lab has links in it again. */
function takeBack(context: Context, { ns, name }: Node): void {
  const lo = context.observed.namespaces.get(ns)?.byName.get('lo');
  if (lo === undefined || !hasLeft(context.lab, lo.alias)) return;
  remark(context, { ns, link: lo }, netnsAlias(context.lab, name), 'in use again');
}

function planLink(context: Context, link: Link, direct: Map<string, VethLink>): void {
  const refusal = context.refused.get(link);
  if (!('outerDev' in link)) {
    return refusal ? blockRefused(context, link, refusal) : planAlone(context, link, null);
  }
  const { bridge } = link.spec;
  const isDirect = traitsOf(context.bridges.get(bridge))?.hasPorts === false;
  // A wire is refused only after its other end is known, since both ends share their fate.
  if (refusal && !isDirect) return blockRefused(context, link, refusal);
  if (!joinWire(context, bridge, { id: link.id, dev: link.outerDev ?? link.dev }))
    return verdict(context, link, 'blocked', 'its wire has two ends already');
  if (isDirect) {
    const first = direct.get(bridge);
    if (!first) return void direct.set(bridge, link);
    direct.delete(bridge);
    return planDirect(context, first, link);
  }
  const ns = context.placement.nsOfBridge.get(bridge);
  if (ns === undefined) throw new TypeError(`bridge ${bridge} of ${link.id} has no place`);
  planVeth(context, link, bridge, ns);
}

/**
 * Plans one message for each group of ports that were attached down, so that they come up together, and then the
 * bridges that were made. A port that was there and stays down is no reason: such a message would raise it.
 */
function planGroupUps(context: Context): void {
  const isStanding = (op: Op): boolean => (op.op === 'port.attach' || op.op === 'ovs.port') && !isMade(op.ifindex);
  const isFresh = (op: Op): boolean => 'raise' in op && !op.raise && !isStanding(op);
  const fresh = new Set(context.draft.ops.filter(isFresh).map((op) => op.ns));
  for (const ns of fresh) {
    for (const group of [context.groups.port, context.groups.bridge]) {
      context.draft.ops.push({
        op: 'group.set',
        ns,
        link: null,
        cause: 'first set-up of this switch namespace',
        group,
        up: true,
      });
    }
  }
}
