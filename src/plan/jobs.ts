/** Plan → jobs: by phase, by namespace, then packed into dispatches of some weight. */

import type { NsId } from '../net/ns-id.ts';
import type { Job } from '../wire/apply.ts';
import { isMade } from '../wire/device-ref.ts';
import { parentOf, peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';
import type { Observed } from './observed.ts';
import { roundsOf } from './rounds.ts';

/**
 * The phases, in order. Each ends before the next begins. In a plan of many direct wires those that make wires come once for each
 * round of wires (rounds.ts).
 *
 * Removals come first, which frees names. Namespaces that other namespaces' links refer to come before links, since a
 * veth names the namespace of its peer; other namespaces are made by the job that fills them. Links come before their
 * ports, and impairments between the two, so that no packet leaves unimpaired. The peers of direct links follow once
 * both ends exist. Child devices follow once every possible parent is up. Routes that need other devices follow those
 * devices. Device features and address translation follow once every device exists. Namespaces are removed last, with
 * all that is in them.
 */
export const PHASES = [
  'remove',
  'namespaces',
  'links',
  'impair',
  'switch',
  'finish',
  'stacked',
  'impair-stacked',
  'routes',
  'extras',
  'withdraw',
] as const;
export type Phase = (typeof PHASES)[number];

/** One op and its position in the plan, so that a failure can be traced back to it. */
export interface PlannedJob extends Job {
  readonly phase: Phase;
  /** The kernel's work in this job, roughly, counted in links. */
  readonly weight: number;
}

/** The phase of an op. `ahead`: whether a namespace has to be made before the links in it. */
function phaseOf(op: Op, ahead: (ns: NsId) => boolean): Phase {
  switch (op.op) {
    case 'link.del':
    case 'ip.del':
    case 'ovs.del':
    case 'ovs.stop':
    case 'trunk.cut':
    case 'uplink.rename':
      return 'remove';
    case 'netns.add':
      return ahead(op.ns) ? 'namespaces' : 'links';
    case 'link.add':
      return parentOf(op) === null ? 'links' : 'stacked';
    case 'tunnel.add':
    case 'trunk.add':
      return 'links';
    case 'group.set':
      return op.up ? 'switch' : 'remove';
    case 'wire.cut':
      return op.goes ? 'remove' : 'switch';
    case 'link.set':
      return isMade(op.ifindex) ? 'finish' : 'links';
    case 'ip.add':
    case 'ip.restore':
      return 'routes';
    case 'nat.set':
    case 'route.set':
    case 'ethtool.set':
      return 'extras';
    case 'qdisc.netem':
      return op.stacked ? 'impair-stacked' : 'impair';
    case 'qdisc.tbf':
      return 'impair';
    case 'bridge.add':
    case 'bridge.raise':
    case 'port.attach':
    case 'tunnel.flood':
    case 'trunk.tie':
    case 'wire.patch':
    case 'ovs.start':
    case 'ovs.bridge':
    case 'ovs.port':
      return 'switch';
    case 'netns.del':
      return 'withdraw';
    default:
      throw new TypeError(`no phase for ${(op satisfies never as Op).op}`);
  }
}

/** A phase, and its jobs. */
export type Step = readonly [Phase, readonly PlannedJob[]];

/** Splits a plan into steps, each of which ends before the next begins. In a plan of many direct wires, phases come again and again. */
export function stepsOf(ops: readonly Op[], observed: Observed): readonly Step[] {
  const { early, rest } = roundsOf(ops);
  const last = [...jobsOf(rest, observed)];
  const isRemoval = ([phase]: Step): boolean => phase === 'remove';
  return [
    ...last.filter(isRemoval),
    ...early.flatMap((round) => [...jobsOf(round, observed)]),
    ...last.filter((step) => !isRemoval(step)),
  ];
}

/** Splits a plan, or a round of it, into the jobs of each phase. Ops keep their order within a namespace. */
export function jobsOf(ops: readonly Op[], observed: Observed): ReadonlyMap<Phase, readonly PlannedJob[]> {
  const byPhase = new Map<Phase, Map<NsId, Op[]>>(PHASES.map((phase) => [phase, new Map()]));
  const named = namedByOthers(ops);
  for (const op of ops) {
    const byNs = byPhase.get(phaseOf(op, (ns) => named.has(ns)));
    const list = byNs?.get(op.ns);
    if (list) list.push(op);
    else byNs?.set(op.ns, [op]);
  }
  const result = new Map<Phase, readonly PlannedJob[]>();
  for (const phase of PHASES) {
    const jobs: PlannedJob[] = [];
    for (const [ns, list] of byPhase.get(phase) ?? []) {
      const inode = list[0]?.op === 'netns.add' ? null : (observed.namespaces.get(ns)?.dump.inode ?? null);
      const peerInodes = peersOf(list, observed);
      for (const part of partsOf(list)) {
        const weight = part.reduce((sum, op) => sum + weightOf(op), 0);
        jobs.push({ phase, ns, inode, ...(peerInodes && { peerInodes }), ops: part, weight });
      }
    }
    if (jobs.length > 0) result.set(phase, jobs);
  }
  return result;
}

/** Namespaces that links of other namespaces refer to. They have to exist first. */
function namedByOthers(ops: readonly Op[]): ReadonlySet<NsId> {
  const named = new Set<NsId>();
  for (const op of ops) {
    const peer = op.op === 'link.add' ? peerOf(op) : null;
    if (peer !== null) named.add(peer.ns);
    if (op.op === 'tunnel.add' || op.op === 'trunk.add') named.add(op.underlay);
  }
  return named;
}

/**
 * Inodes of the nodes that hold the other ends of direct links. null: there are none. A switch namespace needs no
 * check, since linkloom made it and it has a name.
 */
function peersOf(ops: readonly Op[], observed: Observed): Job['peerInodes'] | null {
  const inodes: Partial<Record<NsId, number>> = {};
  let isEmpty = true;
  for (const op of ops) {
    const peer = op.op === 'link.add' ? peerOf(op) : null;
    if (peer === null || peer.link === null) continue;
    const inode = observed.namespaces.get(peer.ns)?.dump.inode;
    if (inode === undefined) continue;
    inodes[peer.ns] = inode;
    isEmpty = false;
  }
  return isEmpty ? null : inodes;
}

/**
 * The most ops in a dispatch: some 60 ms of kernel work, so that progress shows. A dispatch itself costs half a
 * millisecond.
 */
export const DISPATCH_WEIGHT = 128;
/** Less work than this is not shared out: starting another worker takes longer than the work. */
const SHARED_WEIGHT = 64;

/** What a bridge weighs that is deleted: many kernels take some 17 ms for it. */
const BRIDGE_WEIGHT = 10;

/** What a change weighs of a device that is there. */
const SETTING_WEIGHT = 0.25;

function weightOf(op: Op): number {
  const isSetting = op.op === 'link.set' || op.op === 'qdisc.netem' || op.op === 'qdisc.tbf';
  if (isSetting && !isMade(op.ifindex)) return SETTING_WEIGHT;
  return op.op === 'link.del' && op.isBridge ? BRIDGE_WEIGHT : 1;
}

/** The ops of a namespace, cut where only bridges are left to delete: in any order, and so long that progress has to show. */
function partsOf(ops: readonly Op[]): readonly (readonly Op[])[] {
  const first = ops.findLastIndex((op) => weightOf(op) < BRIDGE_WEIGHT) + 1;
  if ((ops.length - first) * BRIDGE_WEIGHT <= DISPATCH_WEIGHT) return [ops];
  const parts = first > 0 ? [ops.slice(0, first)] : [];
  const most = Math.floor(DISPATCH_WEIGHT / BRIDGE_WEIGHT);
  for (let from = first; from < ops.length; from += most) parts.push(ops.slice(from, from + most));
  return parts;
}

/**
 * Packs jobs into dispatches. Small jobs share a dispatch, up to a weight that keeps all workers busy and every
 * dispatch short. A larger job is never split, since the order of its ops matters.
 */
export function pack(jobs: readonly PlannedJob[], workers: number): readonly (readonly PlannedJob[])[] {
  const total = jobs.reduce((sum, job) => sum + job.weight, 0);
  const limit = total <= SHARED_WEIGHT ? SHARED_WEIGHT : Math.min(DISPATCH_WEIGHT, Math.ceil(total / workers));
  const packs: PlannedJob[][] = [];
  let current: PlannedJob[] = [];
  let weight = 0;
  for (const job of jobs) {
    if (current.length > 0 && weight + job.weight > limit) {
      packs.push(current);
      current = [];
      weight = 0;
    }
    current.push(job);
    weight += job.weight;
  }
  if (current.length > 0) packs.push(current);
  return packs;
}
