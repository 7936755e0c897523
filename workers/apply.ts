import { threadId } from 'node:worker_threads';
import type { ApplyResult, ApplyTask, Job, JobResult } from '../src/wire/apply.ts';
import type { Op, OpName } from '../src/wire/op.ts';
import { newRunState, RUN_STATE } from '../src/wire/shared.ts';
import { failureOf } from './failure.ts';
import { checkIdentity, holdNames, nowMs } from './jobs/begin.ts';
import { areSettings, settleTogether } from './jobs/together.ts';
import { Namespaces } from './namespaces.ts';
import { setRoutes } from './nat/routes.ts';
import { setTranslations } from './nat/set.ts';
import { renameUplink } from './nat/uplink.ts';
import { HomeLost } from './netns.ts';
import { addBridges, raiseAtEnd, raiseBridges } from './ops/bridge.ts';
import { JobContext, type Placed } from './ops/context.ts';
import { setFeatures } from './ops/ethtool.ts';
import { setGroup } from './ops/group.ts';
import { addRoutes, removeIp, restoreIp } from './ops/ip.ts';
import { addLinks } from './ops/link-add.ts';
import { deleteLinks } from './ops/link-del.ts';
import { setLinks } from './ops/link-set.ts';
import { addNetns, endRemovals, removeNetns } from './ops/netns.ts';
import { addOvsPorts, applyOvs } from './ops/ovs.ts';
import { startOvs, stopOvs } from './ops/ovs-daemons.ts';
import { attachPorts } from './ops/port.ts';
import { cutWires, setImpairments, setShapers, tieWires } from './ops/traffic.ts';
import { addTrunk, cutFromTrunk, tieToTrunk } from './ops/tunnels/trunk.ts';
import { addTunnels, floodTunnels } from './ops/tunnels/tunnel.ts';
import { SparePool } from './spares.ts';

/** Ops of a kind that are sent together: the unit of cancelling. */
const OPS_PER_RUN = 64;

/** Carries out jobs one after another. Each has a result, whatever became of the others; throws only HomeLost. */
export function apply(task: ApplyTask): ApplyResult {
  const state = new Int32Array(task.run ?? newRunState());
  const { turn } = task;
  if (turn !== null && turn !== Atomics.load(state, RUN_STATE.done)) {
    return { thread: threadId, isDeclined: true, jobs: [] };
  }
  const isCancelled = (): boolean => task.isCancellable && Atomics.load(state, RUN_STATE.cancelled) !== 0;
  using spaces = new Namespaces(task.spares && new SparePool(task.spares));
  const jobs = applyJobs(spaces, task.jobs, isCancelled);
  endRemovals(spaces);
  if (turn !== null && jobs.every(isWhole)) Atomics.store(state, RUN_STATE.done, turn + 1);
  return { thread: threadId, isDeclined: false, jobs };
}

/** Carries out jobs one after another, those that only set devices together, in namespaces that may be open already. Throws only HomeLost. */
export function applyJobs(
  spaces: Namespaces,
  jobs: readonly Job[],
  isCancelled: () => boolean = () => false,
): readonly JobResult[] {
  if (areSettings(jobs)) return settleTogether(spaces, jobs, isCancelled);
  return jobs.map((job) => runJob(spaces, job, isCancelled));
}

function isWhole({ failures, cancelledAt }: JobResult): boolean {
  return failures.length === 0 && cancelledAt === null;
}

function runJob(spaces: Namespaces, job: Job, isCancelled: () => boolean): JobResult {
  const startedMs = nowMs();
  if (isCancelled()) return { failures: [], cancelledAt: 0, startedMs, endedMs: startedMs };
  const context = new JobContext(job.ns, spaces, job.peerInodes ?? {});
  let cancelledAt: number | null = null;
  try {
    holdNames(job, spaces);
    checkIdentity(job, context);
    if (context.failures.length === 0) cancelledAt = runOps(context, job.ops, isCancelled);
  } catch (error) {
    if (error instanceof HomeLost) throw error;
    context.failures.push(failureOf(null, error));
  }
  return { failures: context.failures, cancelledAt, startedMs, endedMs: nowMs() };
}

/** Returns the index of the first op that was not begun, or null. */
function runOps(context: JobContext, ops: readonly Op[], isCancelled: () => boolean): number | null {
  for (let at = 0, next = 0; at < ops.length; at = next) {
    next = endOfRun(ops, at);
    if (isCancelled()) {
      finishJob(context);
      return at;
    }
    if (!applyKind(context, ops[at]?.op as OpName, ops.slice(at, next), at)) return null;
  }
  finishJob(context);
  return null;
}

function finishJob(context: JobContext): void {
  applyOvs(context);
  raiseAtEnd(context);
}

/** Kinds whose ops of a job are one run. Routes may need each other; the kernel waits once for all redirections that are sent together. */
const WHOLE: ReadonlySet<OpName> = new Set(['ip.add', 'wire.patch', 'trunk.tie']);

/** Where the run of consecutive ops of one kind that begins at `at` ends. */
function endOfRun(ops: readonly Op[], at: number): number {
  let end = at + 1;
  const most = WHOLE.has(ops[at]?.op as OpName) ? ops.length : OPS_PER_RUN;
  while (end < ops.length && end - at < most && ops[end]?.op === ops[at]?.op) end++;
  return end;
}

type OpOf<K extends OpName> = Extract<Op, { readonly op: K }>;
type Carrier<K extends OpName> = (context: JobContext, ops: readonly Placed<OpOf<K>>[]) => unknown;

function singly<T>(applyOne: (context: JobContext, op: Placed<T>) => void) {
  return (context: JobContext, ops: readonly Placed<T>[]): void => {
    for (const op of ops) applyOne(context, op);
  };
}

/** Who carries out a run of ops of each kind. False: nothing more can be done in this namespace. */
const CARRIERS: { readonly [K in OpName]: Carrier<K> } = {
  'netns.add': (context, ops) => ops.every((op) => addNetns(context, op)),
  'netns.del': singly(removeNetns),
  'link.add': addLinks,
  'link.set': setLinks,
  'link.del': deleteLinks,
  'ip.del': removeIp,
  'ip.add': addRoutes,
  'ip.restore': restoreIp,
  'bridge.add': addBridges,
  'bridge.raise': raiseBridges,
  'tunnel.add': addTunnels,
  'tunnel.flood': floodTunnels,
  'trunk.add': singly(addTrunk),
  'trunk.tie': tieToTrunk,
  'trunk.cut': singly(cutFromTrunk),
  'port.attach': attachPorts,
  'ovs.start': singly(startOvs),
  'ovs.stop': singly(stopOvs),
  'ovs.bridge': (context, ops) => context.ovs.bridges.push(...ops),
  'ovs.port': addOvsPorts,
  'ovs.del': (context, ops) => context.ovs.deletions.push(...ops),
  'group.set': singly(setGroup),
  'qdisc.netem': setImpairments,
  'qdisc.tbf': setShapers,
  'wire.patch': tieWires,
  'wire.cut': cutWires,
  'nat.set': setTranslations,
  'route.set': setRoutes,
  'ethtool.set': setFeatures,
  'uplink.rename': singly(renameUplink),
};

/** Ops that are all of one kind; `first` is the place of the first. False: nothing more can be done in this namespace. */
function applyKind<K extends OpName>(context: JobContext, kind: K, ops: readonly Op[], first: number): boolean {
  const placed = ops.map((op, index) => ({ at: first + index, op: op as OpOf<K> }));
  return CARRIERS[kind](context, placed) !== false;
}
