/** Carry out a plan: phase after phase, each phase's jobs in parallel over the workers. Decides nothing but what a failure takes with it. */
import type { Dispatch, Emit, Failure } from '../events.ts';
import { jobsOf, type Phase, type PlannedJob, pack } from '../plan/jobs.ts';
import type { Observed } from '../plan/observed.ts';
import type { Op } from '../plan/op.ts';
import type { Plan } from '../plan/plan.ts';
import type { NsId } from '../topology/topology.ts';
import { describe, subjectOf } from './failure.ts';
import type { WorkerPool } from './pool.ts';
import type { ApplyResult } from './protocol.ts';
import { Undoing } from './undo.ts';

export interface ExecuteOptions {
  readonly emit: Emit;
  /** Aborted: begin no more links, finish those begun. */
  readonly signal: AbortSignal | null;
  /**
   * What a worker that dies takes with it: its links `fail`, or all that has not been begun is `leave`d, so that the caller can
   * look and plan again. Default `fail`.
   */
  readonly onCrash?: 'fail' | 'leave';
  /** Told of each dispatch that came back, for traces. */
  readonly onDispatch?: ((dispatch: Dispatch) => void) | undefined;
}

export interface Execution {
  readonly failures: readonly Failure[];
  /** `NODE:DEV` of links that failed. */
  readonly failed: ReadonlySet<string>;
  /** `NODE:DEV` of links not begun since the run was interrupted. */
  readonly skipped: ReadonlySet<string>;
  /** Why workers died, one line each; with any, and `onCrash: 'leave'`, the plan was not carried out to its end. */
  readonly crashes: readonly string[];
  /** First dispatch to last acknowledgement. */
  readonly applyMs: number;
}

/** State of one execution. */
class Run {
  readonly failures: Failure[] = [];
  readonly failed = new Set<string>();
  readonly skipped = new Set<string>();
  readonly crashes: string[] = [];
  /** Namespaces that could not be made or entered. */
  readonly deadNamespaces = new Set<NsId>();
  /** Namespaces not made since the run was interrupted. */
  readonly skippedNamespaces = new Set<NsId>();
  /** The two links of each direct veth. */
  readonly partner = new Map<string, string>();
  readonly cancel = new SharedArrayBuffer(4);
  #done = 0;

  readonly pool: WorkerPool;
  readonly options: ExecuteOptions;
  readonly total: number;
  readonly undoing: Undoing;

  constructor(pool: WorkerPool, options: ExecuteOptions, ops: readonly Op[]) {
    this.pool = pool;
    this.options = options;
    this.total = ops.length;
    this.undoing = new Undoing(ops);
    for (const op of ops) {
      if (op.op !== 'link.add' || !op.peer?.link || !op.link) continue;
      this.partner.set(op.link, op.peer.link);
      this.partner.set(op.peer.link, op.link);
    }
  }

  fail(link: string | null, failure: Failure): void {
    const links = link === null ? [] : [link, this.partner.get(link)];
    if (links.some((name) => name !== undefined && this.failed.has(name))) return;
    for (const name of links) if (name !== undefined) this.failed.add(name);
    this.failures.push(failure);
    this.options.emit({ type: 'failure', failure });
  }

  skip(link: string | null): void {
    for (const name of link === null ? [] : [link, this.partner.get(link)])
      if (name !== undefined) this.skipped.add(name);
  }

  /** Whether anything failed or was left out: until then all that was planned is wanted. */
  get hasLosses(): boolean {
    return this.failed.size + this.skipped.size + this.deadNamespaces.size + this.skippedNamespaces.size > 0;
  }

  /** Whether an op still makes sense after what failed before. */
  isWanted(op: Op): boolean {
    const isLost = (link: string): boolean => this.failed.has(link) || this.skipped.has(link);
    if (op.link !== null && isLost(op.link)) return false;
    // The end that is whole waits for the other.
    if (op.op === 'wire.patch' && isLost(op.otherLink)) return false;
    return !this.deadNamespaces.has(op.ns) && !this.skippedNamespaces.has(op.ns);
  }

  progress(ops: number): void {
    this.#done += ops;
    this.options.emit({
      type: 'progress',
      what: 'operations',
      done: this.#done,
      total: this.total,
      failed: this.failed.size,
    });
  }
}

/** Carry out the plan. Never throws for what the kernel refuses: that is in the result. */
export async function execute(
  plan: Plan,
  observed: Observed,
  pool: WorkerPool,
  options: ExecuteOptions,
): Promise<Execution> {
  const run = new Run(pool, options, plan.ops);
  const onAbort = (): void => void Atomics.store(new Int32Array(run.cancel), 0, 1);
  options.signal?.addEventListener('abort', onAbort);
  if (options.signal?.aborted) onAbort();
  const phases = [...jobsOf(plan.ops, observed)];
  let batches = batchesOf(run, phases[0]);
  const startedMs = performance.now();
  try {
    for (const [at, phase] of phases.entries()) {
      const following = phases[at + 1];
      const carriedOut = runPhase(run, phase, batches);
      // Made ready while the workers are busy: they would wait for it between the phases.
      const ahead = run.hasLosses ? null : batchesOf(run, following);
      await carriedOut;
      if (run.crashes.length > 0 && options.onCrash === 'leave') break;
      batches = ahead === null || run.hasLosses ? batchesOf(run, following) : ahead;
    }
    const { failures, failed, skipped, crashes } = run;
    return { failures, failed, skipped, crashes, applyMs: performance.now() - startedMs };
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

type PhaseJobs = readonly [Phase, readonly PlannedJob[]];
type Batches = ReturnType<typeof pack>;

/** Once links exist, what makes them whole is not cut off. */
const COMPLETING: ReadonlySet<Phase> = new Set(['impair', 'switch', 'finish', 'impair-stacked', 'beside']);

/** A phase's jobs in dispatches, without what earlier failures took with them. */
function batchesOf(run: Run, phase: PhaseJobs | undefined): Batches {
  const jobs = phase?.[1] ?? [];
  if (!run.hasLosses) return pack(jobs, run.pool.size);
  giveUpLinksOfMissingNamespaces(run, jobs);
  const wanted = jobs.map((job) => ({ ...job, ops: job.ops.filter((op) => run.isWanted(op)) }));
  return pack(
    wanted.filter(({ ops }) => ops.length > 0),
    run.pool.size,
  );
}

async function runPhase(run: Run, [phase]: PhaseJobs, batches: Batches): Promise<void> {
  const cancel = COMPLETING.has(phase) ? null : run.cancel;
  const undo: Op[] = [];
  await Promise.all(
    batches.map(async (batch) => {
      const wire = batch.map(({ phase: _phase, weight: _weight, ...job }) => job);
      const result = await run.pool
        .apply({ task: 'apply', jobs: wire, cancel })
        .catch((error) => crashed(run, batch, error));
      if (result === null) return;
      for (const [at, job] of batch.entries()) settleJob(run, job, result.jobs[at], undo);
      run.options.onDispatch?.(dispatchOf(phase, batch, result));
      run.progress(batch.reduce((sum, job) => sum + job.ops.length, 0));
    }),
  );
  if (undo.length > 0) await undoLinks(run, undo);
}

function dispatchOf(phase: Phase, batch: readonly PlannedJob[], { thread, jobs }: ApplyResult): Dispatch {
  const timed = batch.flatMap(({ ns, ops }, at) => {
    const result = jobs[at];
    return result ? [{ ns, ops: ops.length, startedMs: result.startedMs, endedMs: result.endedMs }] : [];
  });
  return { phase, thread, jobs: timed };
}

/** A worker that died (or a task that could not be sent): the pool replaces it. Its jobs have failed; null: they are left for another plan. */
function crashed(run: Run, batch: readonly PlannedJob[], error: unknown): ApplyResult | null {
  const subject = error instanceof Error ? error.message : String(error);
  run.crashes.push(subject);
  if (run.options.onCrash === 'leave') return null;
  const failure = { op: -1, call: 'worker', subject, errno: 0, errnoName: '', extAck: '', code: '', leftBehind: '' };
  const nowMs = performance.timeOrigin + performance.now();
  return {
    thread: 0,
    jobs: batch.map(() => ({ failures: [failure], cancelledAt: -1, startedMs: nowMs, endedMs: nowMs })),
  };
}

function settleJob(run: Run, job: PlannedJob, result: ApplyResult['jobs'][number] | undefined, undo: Op[]): void {
  if (!result) return;
  for (const failure of result.failures) {
    if (failure.op < 0) {
      run.deadNamespaces.add(job.ns);
      for (const op of job.ops) run.fail(op.link, describe(failure, subjectOf(op, job.ns), job.ns));
      continue;
    }
    const op = job.ops[failure.op];
    run.fail(op?.link ?? null, describe(failure, subjectOf(op, job.ns), job.ns));
    if (op) undo.push(...run.undoing.after(op));
    if (op) spreadFailure(run, op);
  }
  giveUpLinksOfMissingNamespaces(run, [job]);
  if (result.cancelledAt < 0) return;
  for (const op of job.ops.slice(result.cancelledAt)) {
    if (op.op === 'netns.add') run.skippedNamespaces.add(op.ns);
    run.skip(op.link);
  }
}

/** What else has failed with an op. */
function spreadFailure(run: Run, op: Op): void {
  if (op.op === 'wire.patch') run.failed.add(op.otherLink);
  if (op.op === 'netns.add') run.deadNamespaces.add(op.ns);
}

/** Links whose node or switch namespace could not be made fail by name, not by silence; those for which there was no time are left out. */
function giveUpLinksOfMissingNamespaces(run: Run, jobs: readonly PlannedJob[]): void {
  if (run.deadNamespaces.size === 0 && run.skippedNamespaces.size === 0) return;
  for (const op of jobs.flatMap((job) => job.ops)) {
    if (op.op !== 'link.add' || op.link === null) continue;
    const needed = [op.ns, op.peer?.ns, op.parent?.ns].filter((ns) => ns !== undefined);
    const dead = needed.find((ns) => run.deadNamespaces.has(ns));
    if (dead !== undefined) {
      run.fail(op.link, { link: op.link, code: 'E_KERNEL', message: `${dead} could not be made or entered` });
    } else if (needed.some((ns) => run.skippedNamespaces.has(ns))) run.skip(op.link);
  }
}

async function undoLinks(run: Run, ops: readonly Op[]): Promise<void> {
  const jobs = ops.map((op) => ({ ns: op.ns, inode: 0, ops: [op] }));
  const undone = run.pool.apply({ task: 'apply', jobs, cancel: null });
  const { jobs: results } = await undone.catch((error) => {
    run.crashes.push(String(error));
    return { jobs: [] };
  });
  results.forEach(({ failures }, at) => {
    const op = ops[at];
    for (const failure of failures) {
      if (!op) continue;
      const described = describe({ ...failure, leftBehind: subjectOf(op, op.ns) }, subjectOf(op, op.ns), op.ns);
      run.failures.push(described);
      run.options.emit({ type: 'failure', failure: described });
    }
  });
}
