/**
 * `engine/` is the only room that talks to workers: it sends them tasks and interprets their results.
 *
 * This file carries out a plan. Steps run one after another; the jobs of a step run in parallel on the workers. The only decision
 * made here is which other links a failure affects.
 */

import type { Dispatch, Failure } from '../events.ts';
import { isNamed, isNetnsPath, parseNsId } from '../net/ns-id.ts';
import { type Phase, type PlannedJob, pack, type Step, stepsOf } from '../plan/jobs.ts';
import type { Observed } from '../plan/observed.ts';
import { isOfNode, type Plan } from '../plan/plan.ts';
import { linkSubject, subjectText } from '../subject.ts';
import { type ApplyResult, BY_ITSELF } from '../wire/apply.ts';
import type { OpFailure } from '../wire/failure.ts';
import { parentOf, peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';
import { failureOf, subjectOf } from './failure.ts';
import { type ExecuteOptions, type Execution, Run } from './run.ts';
import type { Workers } from './workers.ts';

/** Carries out the plan. What the kernel refuses is in the result, and is never thrown. */
export async function execute(
  plan: Plan,
  observed: Observed,
  workers: Workers,
  options: ExecuteOptions,
): Promise<Execution> {
  const run = new Run(workers, options, plan.ops);
  const onAbort = (): void => run.cancel();
  options.signal?.addEventListener('abort', onAbort);
  if (options.signal?.aborted) onAbort();
  const steps = stepsOf(plan.ops, observed);
  if (plan.ops.length > 0 && !run.isShort) await workers.ready();
  const startedMs = performance.now();
  run.makeSpares(plan.ops);
  const ahead = sendAhead(run, steps);
  try {
    for (const [at, [phase, jobs]] of steps.entries()) {
      await runPhase(run, phase, ahead[at] ?? send(run, phase, jobs));
      if (run.isLeft) break;
    }
    const { failures, failed, skipped, failedNodes, crashes, changed } = run;
    return { failures, failed, skipped, failedNodes, crashes, changed, applyMs: performance.now() - startedMs };
  } finally {
    // After a crash some dispatches may still be queued; the workers decline them.
    await Promise.all(ahead.flat().map(({ result }) => result));
    options.signal?.removeEventListener('abort', onAbort);
  }
}

/** A batch of jobs that was sent to a worker. The result is null if the worker died and the work is left for another plan. */
interface Sent {
  readonly batch: readonly PlannedJob[];
  readonly result: Promise<ApplyResult | null>;
}

/** Phases that an interrupt does not cancel: they complete links that exist already. */
const COMPLETING: ReadonlySet<Phase> = new Set(['impair', 'switch', 'finish', 'impair-stacked', 'routes', 'extras']);

/**
 * A single worker carries out its tasks in the order in which they were sent. So all steps are sent at once, and the worker never
 * waits for this thread. It declines a task that follows a failure, or that comes out of turn. Such a task is sent again, without
 * the links that the failure affects. Several workers have no common order; with them, each step waits for the one before.
 */
function sendAhead(run: Run, steps: readonly Step[]): readonly (readonly Sent[])[] {
  if (run.workers.size > 1) return [];
  let turn = 0;
  return steps.map(([phase, jobs]) => send(run, phase, jobs, () => turn++));
}

/** A phase's jobs without the operations of links that failed earlier. */
function wantedOf(run: Run, jobs: readonly PlannedJob[]): readonly PlannedJob[] {
  if (!run.hasLosses) return jobs;
  giveUpLinksOfMissingNamespaces(run, jobs);
  return jobs
    .map((job) => ({ ...job, ops: job.ops.filter((op) => run.isWanted(op)) }))
    .filter(({ ops }) => ops.length > 0);
}

/** Sends what is still wanted of a phase's jobs, packed into dispatches. */
function send(
  run: Run,
  phase: Phase,
  jobs: readonly PlannedJob[],
  takeTurn: () => number | null = () => null,
): readonly Sent[] {
  const isCancellable = !COMPLETING.has(phase);
  return pack(wantedOf(run, jobs), run.workers.size).map((batch) => {
    if (run.options.links) for (const { ops } of batch) run.options.links.sent(ops);
    const wire = batch.map(({ phase: _phase, weight: _weight, ...job }) => job);
    const result = run.workers
      .ask({
        task: 'apply',
        jobs: wire,
        run: run.state,
        isCancellable,
        turn: takeTurn(),
        spares: run.spares,
        isShort: run.isShort,
      })
      .catch((error) => crashed(run, batch, error));
    return { batch, result };
  });
}

async function runPhase(run: Run, phase: Phase, sent: readonly Sent[]): Promise<void> {
  const undo: Op[] = [];
  const declined = await collect(run, phase, sent, undo);
  if (declined.length > 0 && !run.isLeft) await collect(run, phase, send(run, phase, declined), undo);
  if (undo.length > 0) await undoLinks(run, undo);
}

/** Waits for dispatches and records their results. Returns the jobs that were declined. */
async function collect(run: Run, phase: Phase, sent: readonly Sent[], undo: Op[]): Promise<PlannedJob[]> {
  const declined: PlannedJob[] = [];
  await Promise.all(
    sent.map(async ({ batch, result: pending }) => {
      const result = await pending;
      if (result === null) return;
      if (result.isDeclined) {
        declined.push(...batch);
        return;
      }
      for (const [at, job] of batch.entries()) recordJob(run, job, result.jobs[at], undo);
      run.options.onDispatch?.(dispatchOf(phase, batch, result));
      run.progress(batch.reduce((sum, job) => sum + job.ops.length, 0));
    }),
  );
  return declined;
}

function dispatchOf(phase: Phase, batch: readonly PlannedJob[], { thread, jobs }: ApplyResult): Dispatch {
  const timed = batch.flatMap(({ ns, ops }, at) => {
    const result = jobs[at];
    return result ? [{ ns, ops: ops.length, startedMs: result.startedMs, endedMs: result.endedMs }] : [];
  });
  return { phase, thread, jobs: timed };
}

/**
 * The result of a dispatch whose worker died, or that could not be sent: every job has failed. Returns null if the jobs are left
 * for another plan.
 */
function crashed(run: Run, batch: readonly PlannedJob[], error: unknown): ApplyResult | null {
  const subject = error instanceof Error ? error.message : String(error);
  run.crashes.push(subject);
  if (run.options.onCrash === 'leave') return null;
  const failure = { op: null, call: 'worker', subject, errnoName: null, extAck: null, code: null, leftBehind: null };
  const nowMs = performance.timeOrigin + performance.now();
  return {
    thread: 0,
    isDeclined: false,
    jobs: batch.map(() => ({ failures: [failure], cancelledAt: null, startedMs: nowMs, endedMs: nowMs })),
  };
}

function recordJob(run: Run, job: PlannedJob, result: ApplyResult['jobs'][number] | undefined, undo: Op[]): void {
  if (!result) return;
  for (const failure of result.failures) {
    if (run.options.onChange === 'leave' && isOfOthers(failure)) run.changed.push(job.ns);
    else recordFailure(run, job, failure, undo);
  }
  giveUpLinksOfMissingNamespaces(run, [job]);
  run.options.links?.done(acknowledged(job, result));
  if (result.cancelledAt === null) return;
  for (const op of job.ops.slice(result.cancelledAt)) {
    if (op.op === 'netns.add') run.skippedNamespaces.add(op.ns);
    run.skip(op.link);
  }
}

/** What was carried out and not refused. A namespace that could not be made has taken the rest of its job along. */
function acknowledged({ ops }: PlannedJob, { failures, cancelledAt }: ApplyResult['jobs'][number]): readonly Op[] {
  if (failures.length === 0 && cancelledAt === null) return ops;
  const refused = new Set(failures.map(({ op }) => op));
  const isWithout = failures.some(({ op }) => op === null || ops[op]?.op === 'netns.add');
  if (isWithout) return [];
  return (cancelledAt === null ? ops : ops.slice(0, cancelledAt)).filter((_, at) => !refused.has(at));
}

function recordFailure(run: Run, job: PlannedJob, failure: OpFailure, undo: Op[]): void {
  const told = (op: Op | undefined): Failure => failureOf(failure, subjectOf(op, job.ns, run.place), job.ns, run.place);
  if (failure.op === null) {
    run.deadNamespaces.add(job.ns);
    for (const op of job.ops) refuse(run, op, told(op));
    return;
  }
  const op = job.ops[failure.op];
  if (op === undefined) return run.fail(null, told(op));
  refuse(run, op, told(op));
  undo.push(...run.undoing.after(op));
  spreadFailure(run, op, told(op));
}

/** Whether another program caused the failure: a named namespace was removed or replaced, or another lab has links in it now. */
function isOfOthers({ call, subject, errnoName, code }: OpFailure): boolean {
  const ns = parseNsId(subject);
  if (code === 'E_NODE_CHANGED') return ns !== null && isNamed(ns);
  return call === 'open' && errnoName === 'ENOENT' && isNetnsPath(subject);
}

function refuse(run: Run, op: Op, failure: Failure): void {
  if (isOfNode(op)) run.failedNodes.add(op.ns);
  run.fail(op.link, failure);
  run.options.links?.refused(op, failure);
}

/** Marks what fails together with an op: the other end of a patch wire, or all links of a namespace that could not be made. */
function spreadFailure(run: Run, op: Op, failure: Failure): void {
  if (op.op === 'wire.patch') run.failAlso(op.otherLink, failure);
  if (op.op === 'netns.add') run.deadNamespaces.add(op.ns);
}

/**
 * Fails each link whose namespace could not be made. Skips each link whose namespace was not made because the run was interrupted.
 */
function giveUpLinksOfMissingNamespaces(run: Run, jobs: readonly PlannedJob[]): void {
  if (run.deadNamespaces.size === 0 && run.skippedNamespaces.size === 0) return;
  for (const op of jobs.flatMap((job) => job.ops)) {
    if (op.op !== 'link.add' || op.link === null) continue;
    const needed = [op.ns, peerOf(op)?.ns, parentOf(op)?.ns].filter((ns) => ns !== undefined);
    const dead = needed.find((ns) => run.deadNamespaces.has(ns));
    if (dead !== undefined) {
      run.fail(op.link, {
        subject: linkSubject(op.link),
        code: 'E_KERNEL',
        message: `${run.place(dead)} could not be made or entered`,
      });
    } else if (needed.some((ns) => run.skippedNamespaces.has(ns))) run.skip(op.link);
  }
}

async function undoLinks(run: Run, ops: readonly Op[]): Promise<void> {
  const jobs = ops.map((op) => ({ ns: op.ns, inode: null, ops: [op] }));
  const undone = run.workers.ask({ task: 'apply', jobs, ...BY_ITSELF });
  const { jobs: results } = await undone.catch((error) => {
    run.crashes.push(String(error));
    return { jobs: [] };
  });
  results.forEach(({ failures }, at) => {
    const op = ops[at];
    for (const failure of failures) {
      if (!op) continue;
      const what = subjectOf(op, op.ns, run.place);
      const described = failureOf({ ...failure, leftBehind: subjectText(what) }, what, op.ns, run.place);
      run.failures.push(described);
      run.options.emit({ type: 'failure', failure: described });
    }
  });
}
