/** The context that every part of `diff` reads, and the draft of the plan that every part writes into. */

import type { Failure } from '../events.ts';
import { isLinuxBridge } from '../kinds/bridge-modes.ts';
import { groupOf, isOurGroup, markOf, ROLE, sameLab } from '../net/mark.ts';
import type { NsId } from '../net/ns-id.ts';
import { linkSubject } from '../subject.ts';
import type { BridgeSpec, Link, Network, Refusal } from '../topology/topology.ts';
import { verb } from '../verb-names.ts';
import type { Op } from '../wire/op.ts';
import type { LinkDump } from '../wire/seen.ts';
import { type NodeRoutes, routesOfNodes } from './ip/wanted.ts';
import type { Found, Observed } from './observed.ts';
import { Overrides, type Resets } from './overrides/overrides.ts';
import { Ownership } from './ownership.ts';
import type { Difference, PlannedLink } from './plan.ts';
import { refusalsOf } from './refused/refusals.ts';
import { aliasOfLink, type Placement } from './switch/placement.ts';
import { asFound, type Standing, standingsOf } from './switch/standing.ts';
import type { WireEnd } from './traffic/wire-end.ts';

/** A plan in the making. */
export interface Draft {
  readonly ops: Op[];
  readonly links: PlannedLink[];
  readonly failures: Failure[];
  readonly notes: string[];
  /** Identities of the devices that something wants. Pruning leaves them alone. */
  readonly kept: Set<string>;
  /** Identities of the devices that an op of the plan deletes. */
  readonly deleted: Set<string>;
  /**
   * Rows of Open vSwitch's databases that an op of the plan deletes, and namespaces in which an op starts its daemons.
   */
  readonly deletedRows: Set<string>;
  readonly started: Set<NsId>;
  /** The ends of each bridge of mode `patch`, in the order in which they were planned. */
  readonly wires: Map<string, WireEnd[]>;
  /** What has to be observed before this plan can be relied on. */
  readonly doubts: { readonly others: Set<NsId>; readonly farEnds: Map<NsId, Set<number>> };
}

/** The first interface index that linkloom asks for. It is far above the indexes that the kernel itself counts up to. */
const FIRST_IFINDEX = 1 << 20;

export interface Context {
  readonly lab: string;
  /** Hash of the list of files that describe the lab. null: which files they are does not matter. */
  readonly files: string | null;
  /** Hashes of the lists that described the lab earlier in the life of this process. */
  readonly filesBefore: readonly string[];
  readonly network: Network;
  readonly observed: Observed;
  readonly placement: Placement;
  readonly draft: Draft;
  readonly groups: { readonly nodeEnd: number; readonly port: number; readonly bridge: number; readonly other: number };
  /** Answers which lab an observed device belongs to. */
  readonly ownership: Ownership;
  readonly bridges: ReadonlyMap<string, BridgeSpec>;
  /** Bridges that others made, as found. Empty: there is none, or nobody has looked. */
  readonly externals: ReadonlyMap<string, Standing>;
  /** Links that can't be made, and why. */
  readonly refused: ReadonlyMap<Link, Refusal>;
  /** Interface index of each bridge in its namespace, as observed or as chosen by the plan. */
  readonly bridgeIndex: Map<string, number>;
  /** Returns an index that is free in all of these namespaces. */
  readonly nextIndex: (...namespaces: readonly NsId[]) => number;
  /** The routes that a node is to have, and those that it has. */
  readonly routesOf: (ns: NsId) => NodeRoutes;
  /** What was set by hand and is left as it is. */
  readonly overrides: Overrides;
  /** Whether each port in this namespace is raised by a message of its own, since its shard held ports before. */
  readonly raiseSingly: (ns: NsId) => boolean;
}

/** Makes the context of one plan. `isWhole`: the network is the whole lab. */
export function contextOf(
  network: Network,
  observed: Observed,
  placement: Placement,
  {
    isWhole,
    files,
    filesBefore,
    resets,
  }: Pick<Context, 'files' | 'filesBefore'> & { readonly isWhole: boolean; readonly resets: Resets },
): Context {
  const { lab } = network;
  const externals = standingsOf(network.bridges, observed, placement);
  const overrides = new Overrides(observed, resets);
  return {
    lab,
    files,
    filesBefore,
    network,
    observed,
    placement,
    draft: {
      ops: [],
      links: [],
      failures: [],
      notes: [],
      kept: new Set(),
      deleted: new Set(),
      deletedRows: new Set(),
      started: new Set(),
      wires: new Map(),
      doubts: { others: new Set(), farEnds: new Map() },
    },
    groups: {
      nodeEnd: groupOf(lab, ROLE.nodeEnd),
      port: groupOf(lab, ROLE.port),
      bridge: groupOf(lab, ROLE.bridge),
      other: groupOf(lab, ROLE.other),
    },
    ownership: new Ownership(
      lab,
      [...observed.namespaces.values()].map(({ dump }) => dump),
    ),
    externals,
    bridges: asFound(network.bridges, externals),
    refused: refusalsOf(network, observed, externals),
    bridgeIndex: new Map(),
    nextIndex: indexChooser(observed),
    routesOf: routesOfNodes(network, observed, isWhole, overrides),
    overrides,
    raiseSingly: singleRaiser(observed, new Set(placement.shards), groupOf(lab, ROLE.port)),
  };
}

function indexChooser(observed: Observed): (...namespaces: readonly NsId[]) => number {
  // The key is the namespace itself, so that nodes that share a namespace never get the same index.
  const next = new Map<NsId | number, number>();
  const identity = (ns: NsId): NsId | number => observed.namespaces.get(ns)?.dump.inode ?? ns;
  const firstFree = (ns: NsId): number => {
    let index = FIRST_IFINDEX;
    for (const taken of observed.namespaces.get(ns)?.byIndex.keys() ?? []) index = Math.max(index, taken + 1);
    return index;
  };
  return (...namespaces) => {
    const index = Math.max(...namespaces.map((ns) => next.get(identity(ns)) ?? firstFree(ns)));
    for (const ns of namespaces) next.set(identity(ns), index + 1);
    return index;
  };
}

/**
 * Decides how ports are raised. A group message raises every device of the group, foreign devices and devices that a
 * user set down included. So a group message serves only the first set-up of a switch namespace that linkloom made. In
 * all other cases each port is raised by a message of its own.
 */
function singleRaiser(observed: Observed, shards: ReadonlySet<NsId>, portGroup: number): (ns: NsId) => boolean {
  const known = new Map<NsId, boolean>();
  return (ns) => {
    let singly = known.get(ns);
    if (singly === undefined) {
      singly =
        !shards.has(ns) ||
        (observed.namespaces.get(ns)?.dump.links.some((link) => sameLab(link.group, portGroup)) ?? false);
      known.set(ns, singly);
    }
    return singly;
  };
}

/**
 * A device's identity. It is the same whichever name its namespace is reached by: containers can share a namespace, and
 * a container can have the host's.
 */
function identityOf(context: Context, ns: NsId, ifindex: number): string {
  return `${context.observed.namespaces.get(ns)?.dump.inode ?? ns} ${ifindex}`;
}

export function keep(context: Context, ns: NsId, ifindex: number): void {
  context.draft.kept.add(identityOf(context, ns, ifindex));
}

export function isKept(context: Context, found: Found): boolean {
  return context.draft.kept.has(identityOf(context, found.ns, found.link.ifindex));
}

/** Whether an op of the plan deletes the device already. */
export function isDeleted(context: Context, found: Found): boolean {
  return context.draft.deleted.has(identityOf(context, found.ns, found.link.ifindex));
}

export function verdict(context: Context, link: Link, kind: Difference, cause: string): void {
  context.draft.links.push({ link: link.id, verdict: kind, cause });
}

/** Records the verdict on a link that exists: `change` if there are causes, otherwise `unchanged`. */
export function verdictByCauses(context: Context, link: Link, causes: readonly string[]): void {
  if (causes.length > 0) return verdict(context, link, 'change', causes.join(', '));
  context.draft.links.push({ link: link.id, verdict: 'unchanged', cause: null });
}

/**
 * Blocks a link because a device of its name exists that this lab did not make. Such a device is never renamed,
 * replaced or configured.
 */
export function blockForeign(context: Context, link: Link, found: LinkDump): void {
  const lab = markOf(found.alias)?.lab;
  const isMarked = lab !== undefined || (isOurGroup(found.group) && !sameLab(found.group, context.groups.nodeEnd));
  const others = isMarked
    ? ` (made by ${lab === undefined ? 'another lab of linkloom' : `the linkloom lab ${lab}`})`
    : '';
  const owner = lab === context.lab ? ' (it has this lab’s mark, but its other end has not)' : others;
  context.draft.failures.push({
    subject: linkSubject(link.id),
    code: 'E_FOREIGN_DEVICE',
    message: `${link.node.kind === 'host' ? 'the host' : link.node.name} already has a device ${link.dev}${owner} that this lab did not make`,
    hint: 'name another `dev` in the link, or remove the device that is in the way',
  });
  verdict(context, link, 'blocked', `${link.dev} is not of this lab`);
}

/**
 * Blocks a link that can't be made (`context.refused`) and reports why. Devices of the link that exist stay as they
 * are.
 */
export function blockRefused(context: Context, link: Link, { code, message, hint }: Refusal): void {
  const { lab, observed, draft, groups } = context;
  const device = observed.namespaces.get(link.node.ns)?.byName.get(link.dev);
  if (device && sameLab(device.group, groups.nodeEnd)) keep(context, link.node.ns, device.ifindex);
  const marked = observed.byAlias.get(aliasOfLink(lab, link));
  if (marked) keep(context, marked.ns, marked.link.ifindex);
  draft.failures.push({ subject: linkSubject(link.id), code, message, ...(hint !== null && { hint }) });
  verdict(context, link, 'blocked', message);
}

/**
 * Blocks a link whose device, known by its mark, was renamed or moved by somebody. The report says so, and the device
 * stays as it is.
 */
export function blockMoved(context: Context, link: Link, what: string): void {
  context.draft.failures.push({
    subject: linkSubject(link.id),
    code: 'E_FOREIGN_DEVICE',
    message: `${what}; linkloom leaves it as it is`,
    hint: `undo the change, or delete the device and run ${verb('up')} again`,
  });
  verdict(context, link, 'blocked', what);
}

/** Plans a new mark for a device that exists. */
export function remark({ draft }: Context, { ns, link }: Found, alias: string, cause: string): void {
  const settings = { mac: null, mtuBytes: null, up: null, alias, group: null, numbers: {}, txChecksumOff: false };
  const { ifname: dev, ifindex } = link;
  const nothing = { addAddresses: [], addRoutes: [], data: null };
  draft.ops.push({ op: 'link.set', ns, link: null, cause, dev, ifindex, settings, ...nothing });
}

/** Plans the deletion of a device of this lab, which is found by its index. */
export function deleteDevice(context: Context, found: Found, link: string | null, cause: string): void {
  context.draft.deleted.add(identityOf(context, found.ns, found.link.ifindex));
  context.draft.ops.push({
    op: 'link.del',
    ns: found.ns,
    link,
    cause,
    dev: found.link.ifname,
    ifindex: found.link.ifindex,
    seen: { group: found.link.group, alias: found.link.alias },
    isBridge: isLinuxBridge(found.link),
  });
}
