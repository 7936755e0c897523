import { threadId } from 'node:worker_threads';
import type { ApplyResult, ApplyTask, Job, JobResult } from '../src/engine/protocol.ts';
import type { Op, OpName } from '../src/plan/op.ts';
import { failure, failureOf } from './failure.ts';
import { Namespaces } from './namespaces.ts';
import { HomeLost, inodeOf } from './netns.ts';
import { addBridges, raiseAtEnd, raiseBridges } from './ops/bridge.ts';
import { JobContext, type Placed } from './ops/context.ts';
import { deleteGroup, raiseGroup } from './ops/group.ts';
import { addLinks } from './ops/link-add.ts';
import { deleteLinks } from './ops/link-del.ts';
import { setLinks } from './ops/link-set.ts';
import { addNetns, removeNetns } from './ops/netns.ts';
import { addOvsPorts, applyOvs } from './ops/ovs.ts';
import { startOvs, stopOvs } from './ops/ovs-daemons.ts';
import { attachPorts } from './ops/port.ts';
import { setImpairments, tieWires } from './ops/traffic.ts';
import { addTunnels } from './ops/tunnel.ts';

/** Ops of a kind that are sent together: the unit of cancelling. */
const OPS_PER_RUN = 64;

/** Carries out jobs one after another. Each has a result, whatever became of the others; throws only HomeLost. */
export function apply(task: ApplyTask): ApplyResult {
  const cancel = task.cancel && new Int32Array(task.cancel);
  const isCancelled = (): boolean => cancel !== null && Atomics.load(cancel, 0) !== 0;
  using spaces = new Namespaces();
  return { thread: threadId, jobs: task.jobs.map((job) => runJob(spaces, job, isCancelled)) };
}

function runJob(spaces: Namespaces, job: Job, isCancelled: () => boolean): JobResult {
  const startedMs = nowMs();
  if (isCancelled()) return { failures: [], cancelledAt: 0, startedMs, endedMs: startedMs };
  const context = new JobContext(job.ns, spaces, job.peerInodes ?? {});
  let cancelledAt = -1;
  try {
    checkIdentity(job, context);
    if (context.failures.length === 0) cancelledAt = runOps(context, job.ops, isCancelled);
  } catch (error) {
    if (error instanceof HomeLost) throw error;
    context.failures.push(failureOf(-1, error));
  }
  return { failures: context.failures, cancelledAt, startedMs, endedMs: nowMs() };
}

/**
 * Enters the namespace for the first time, so that one which can't be entered fails the job and not op by op, and sees
 * that it is the one that was observed: a restarted container can have another under the same path. Throws SystemFault.
 */
function checkIdentity(job: Job, context: JobContext): void {
  if (job.ops[0]?.op === 'netns.add') return;
  // Daemons can outlive the name of their namespace.
  if (job.inode === 0 && job.ops.every((op) => op.op === 'ovs.stop')) return;
  // Only looked at, where the namespace is to go: an open descriptor would keep it alive.
  const isGoing = job.ops.every((op) => op.op === 'netns.del');
  if (!isGoing) void context.space.socket;
  const inode = isGoing ? inodeOf(job.ns) : context.space.inode;
  if (job.inode === 0 || inode === job.inode || (isGoing && inode === 0)) return;
  context.failures.push(failure(-1, 'stat', job.ns, 0, { code: 'E_NODE_CHANGED' }));
}

/** Returns the index of the first op that was not begun, or -1. */
function runOps(context: JobContext, ops: readonly Op[], isCancelled: () => boolean): number {
  for (let at = 0, next = 0; at < ops.length; at = next) {
    next = endOfRun(ops, at);
    if (isCancelled()) {
      finishJob(context);
      return at;
    }
    if (!runSome(context, ops.slice(at, next), at)) return -1;
  }
  finishJob(context);
  return -1;
}

function finishJob(context: JobContext): void {
  applyOvs(context);
  raiseAtEnd(context);
}

/** Where the run of consecutive ops of one kind that begins at `at` ends. */
function endOfRun(ops: readonly Op[], at: number): number {
  let end = at + 1;
  while (end < ops.length && end - at < OPS_PER_RUN && ops[end]?.op === ops[at]?.op) end++;
  return end;
}

/** False: nothing more can be done in this namespace. */
function runSome(context: JobContext, ops: readonly Op[], first: number): boolean {
  const kind = ops[0]?.op as OpName;
  switch (kind) {
    case 'netns.add':
      return placed(ops, first, kind).every((op) => addNetns(context, op));
    case 'netns.del':
      for (const op of placed(ops, first, kind)) removeNetns(context, op);
      return true;
    case 'link.add':
      addLinks(context, placed(ops, first, kind));
      return true;
    case 'link.set':
      setLinks(context, placed(ops, first, kind));
      return true;
    case 'link.del':
      deleteLinks(context, placed(ops, first, kind));
      return true;
    case 'bridge.add':
      addBridges(context, placed(ops, first, kind));
      return true;
    case 'bridge.raise':
      raiseBridges(context, placed(ops, first, kind));
      return true;
    case 'tunnel.add':
      addTunnels(context, placed(ops, first, kind));
      return true;
    case 'port.attach':
      attachPorts(context, placed(ops, first, kind));
      return true;
    case 'ovs.start':
      for (const op of placed(ops, first, kind)) startOvs(context, op);
      return true;
    case 'ovs.stop':
      for (const op of placed(ops, first, kind)) stopOvs(context, op);
      return true;
    case 'ovs.bridge':
      context.ovs.bridges.push(...placed(ops, first, kind));
      return true;
    case 'ovs.port':
      addOvsPorts(context, placed(ops, first, kind));
      return true;
    case 'ovs.del':
      context.ovs.deletions.push(...placed(ops, first, kind));
      return true;
    case 'group.up':
      for (const op of placed(ops, first, kind)) raiseGroup(context, op);
      return true;
    case 'group.del':
      for (const op of placed(ops, first, kind)) deleteGroup(context, op);
      return true;
    case 'qdisc.netem':
      setImpairments(context, placed(ops, first, kind));
      return true;
    case 'wire.patch':
      tieWires(context, placed(ops, first, kind));
      return true;
    default:
      throw new TypeError(`no such operation: ${kind satisfies never}`);
  }
}

function placed<K extends OpName>(ops: readonly Op[], first: number, kind: K): Placed<Extract<Op, { op: K }>>[] {
  return ops.flatMap((op, index) => (op.op === kind ? [{ at: first + index, op: op as Extract<Op, { op: K }> }] : []));
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
