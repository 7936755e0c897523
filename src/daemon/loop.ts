/**
 * `daemon/` runs the pipeline in a loop, driven by the events of container engines. It decides when to reconcile, and which
 * containers. The pipeline does the rest (reconciler.ts).
 *
 * An event only says where to look: the daemon reads a container's state from its engine each time. So an event may come twice,
 * late, out of order or not at all, and a periodic resync makes up for lost events.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Emit } from '../events.ts';
import type { CommandRuns } from '../lab/commands/runs.ts';
import type { ContainerEngine } from '../runtime/engine.ts';
import { startCommands } from './commands.ts';
import { DriftBackoff } from './drift/backoff.ts';
import { resync } from './drift/resync.ts';
import { type Following, followEngine } from './follow.ts';
import { Health } from './health.ts';
import { orAborted } from './or-aborted.ts';
import type { ReconcileResult, Reconciler } from './reconciler.ts';
import { type Entry, Registry } from './registry.ts';
import { failuresOf } from './result.ts';
import { type Batch, Worklist } from './worklist.ts';

export interface DaemonTiming {
  /**
   * The least time between two passes. Events that come meanwhile are handled together; after a longer rest an event is handled at
   * once.
   */
  readonly debounceMs: number;
  /**
   * The time from a change in the kernel to the pass that looks at it. It lets the engine report first that a container has ended.
   */
  readonly driftDelayMs: number;
  /**
   * The time between two resyncs. A resync asks the engines which containers run, and makes a pass over the whole lab. If such a
   * pass takes long, it is made less often (`RESYNC_SHARE`).
   */
  readonly resyncEveryMs: number;
  /** A failed link is tried again after this time, then after twice that, up to `retryMaxMs`. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** An engine that does not answer is asked again after this time, then after twice that, up to `reconnectMaxMs`. */
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
}

const DEFAULT_TIMING: DaemonTiming = {
  debounceMs: 20,
  driftDelayMs: 40,
  resyncEveryMs: 30_000,
  retryMinMs: 1000,
  retryMaxMs: 30_000,
  reconnectMinMs: 200,
  reconnectMaxMs: 10_000,
};

/**
 * How often an engine is asked about a container whose process, by the kernel, has changed. The kernel can know that before the
 * engine.
 */
const LOOKS_AT_CHANGED = 20;
const LOOK_PAUSE_MS = 50;

export interface DaemonOptions {
  readonly reconciler: Reconciler;
  /** The engines to follow; none if all nodes are namespaces. */
  readonly engines: readonly ContainerEngine[];
  /** The commands that run in nodes. They are disposed of at the end. */
  readonly runs: CommandRuns;
  readonly emit: Emit;
  /** Ends the daemon. */
  readonly signal: AbortSignal;
  /** Whether the links are removed at the end (`daemon`) or left (`up --watch`). */
  readonly atEnd: 'remove' | 'leave';
  /** Called when the daemon has begun to follow the engines. Its result is disposed of at the end. */
  readonly attend?: (controls: Controls) => Disposable;
  readonly timing?: Partial<DaemonTiming>;
}

/** How a reloaded configuration gets into the loop. */
export interface Controls {
  /** Between two passes, calls `adopt`, follows these engines too, and looks at everything again. */
  renew(renewal: Renewal): void;
}

export interface Renewal {
  readonly adopt: () => void | Promise<void>;
  readonly engines: readonly ContainerEngine[];
}

/**
 * Runs until `signal` aborts and the links are removed, if they are to be. Failed links are reported and tried again, never thrown.
 * If the first pass can't be made at all (a missing privilege, a foreign bridge), its error is thrown, and nothing is left running.
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { reconciler, engines, runs, emit } = options;
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const work = new Worklist();
  const registry = new Registry(reconciler, work, emit);
  const health = new Health(timing, emit);
  using backoff = new DriftBackoff(
    timing,
    (scope) => work.add(scope),
    emit,
    (owner) => health.hasFailure(owner),
  );
  reconciler.watch?.((scope) => backoff.noticed(scope));
  const followed = new Set<ContainerEngine>();
  const following: Following[] = [];
  const follow = (engine: ContainerEngine): void => {
    if (followed.has(engine)) return;
    followed.add(engine);
    following.push(followEngine({ engine, registry, emit, signal, timing }));
  };
  for (const engine of engines) follow(engine);
  const renewals: Renewal[] = [];
  const renew = (renewal: Renewal): void => {
    renewals.push(renewal);
    work.touchAll();
  };
  using _attended = options.attend?.({ renew });
  const cost = { wholePassMs: 0 };
  const resyncing = resync({ engines: followed, registry, work, everyMs: timing.resyncEveryMs, cost, signal });
  try {
    await orAborted(Promise.all(following.map((one) => one.ready)), signal);
    const startedFor = new Map<string, number>();
    await keepReconciling({
      reconciler,
      registry,
      work,
      runs,
      startedFor,
      health,
      backoff,
      emit,
      signal,
      timing,
      cost,
      renewals,
      follow,
    });
  } finally {
    broken.abort();
    await Promise.all([...following.map((one) => one.ended), resyncing, runs[Symbol.asyncDispose]()]);
  }
  if (options.atEnd === 'remove') await reconciler.remove();
}

/** The parts of a running daemon. */
interface DaemonRun {
  readonly reconciler: Reconciler;
  readonly registry: Registry;
  readonly work: Worklist;
  readonly runs: CommandRuns;
  /** By container id: the process id for which its commands were started. */
  readonly startedFor: Map<string, number>;
  readonly health: Health;
  readonly backoff: DriftBackoff;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly timing: DaemonTiming;
  /** How long the last pass over the whole lab took that changed nothing. */
  readonly cost: { wholePassMs: number };
  /** Configurations that were loaded since the last pass. */
  readonly renewals: Renewal[];
  readonly follow: (engine: ContainerEngine) => void;
}

async function keepReconciling(run: DaemonRun): Promise<void> {
  const { work, health, signal, timing } = run;
  work.touchAll();
  let first = true;
  let freeAtMs = performance.now() + timing.debounceMs;
  while (!signal.aborted) {
    await work.available(signal, health.nextRetryAt());
    if (!work.empty) await delay(Math.max(0, freeAtMs - performance.now()), undefined, { signal }).catch(() => {});
    work.add(health.due());
    if (signal.aborted || work.empty) continue;
    await reconcileOnce(run, first);
    first = false;
    freeAtMs = performance.now() + timing.debounceMs;
  }
}

/** Reconciles everything in the work queue, with the newest configuration. */
async function reconcileOnce(run: DaemonRun, first: boolean): Promise<void> {
  const { work, health, signal, cost } = run;
  for (const renewal of run.renewals.splice(0)) await adoptRenewal(run, renewal);
  const batch = work.take();
  const beganMs = performance.now();
  try {
    const { changed } = await reconcileBatch(run, batch);
    // The time of a pass that changes links does not count: it is not the cost of looking.
    if (batch.scope === 'all' && changed === 0) cost.wholePassMs = performance.now() - beganMs;
  } catch (error) {
    if (first) throw error;
    work.giveBack(batch.gone);
    if (!signal.aborted) health.passFailed(failuresOf(error));
  }
}

/** Takes over a reloaded configuration. Failures and drift of the old one are forgotten. The new one may want other containers. */
async function adoptRenewal(
  { registry, health, backoff, follow, signal }: DaemonRun,
  { adopt, engines }: Renewal,
): Promise<void> {
  await adopt();
  health.reset();
  backoff.reset();
  for (const engine of engines) follow(engine);
  // If an engine does not answer, the task that follows it deals with that.
  await orAborted(Promise.all(engines.map((engine) => registry.compare(engine).catch(() => {}))), signal);
}

/** Makes one pass, then starts the commands of the containers whose links are all up. */
async function reconcileBatch(run: DaemonRun, batch: Batch): Promise<ReconcileResult> {
  const { reconciler, registry, work, health, backoff, signal } = run;
  const entries = registry.entries();
  const containers = entries.map((entry) => entry.container);
  health.forget(batch.gone);
  backoff.forget(batch.gone);
  const paused = new Set([...health.paused(), ...backoff.paused()]);
  const result = await reconciler.reconcile({ scope: batch.scope, gone: batch.gone, containers, paused, signal });
  if (signal.aborted) return result;
  await lookAgain(run, entries, result);
  const current = entries.filter((entry) => registry.isCurrent(entry.container));
  const running = new Set(current.map((entry) => entry.container.id));
  backoff.repaired(result.drifted ?? new Map());
  backoff.postponed(result.postponed ?? new Set());
  health.record({ batch, result, running, quiet: work.empty });
  for (const entry of current) {
    const { id } = entry.container;
    const looked = batch.scope === 'all' || batch.scope.has(id);
    if (looked && !health.hasFailure(id)) startCommands(run, entry);
  }
  return result;
}

/**
 * Asks the engines about containers whose links have failed. If a container has ended meanwhile, its links have not failed. The
 * engine may know of the end before it sends the event, or only some moments after the kernel (`E_NODE_CHANGED`).
 */
async function lookAgain(
  { registry, signal }: DaemonRun,
  entries: readonly Entry[],
  { failed }: ReconcileResult,
): Promise<void> {
  let doubtful = entries.filter(({ container }) => failed.has(container.id));
  for (let tries = 0; doubtful.length > 0 && tries < LOOKS_AT_CHANGED && !signal.aborted; tries++) {
    if (tries > 0) await delay(LOOK_PAUSE_MS, undefined, { signal }).catch(() => {});
    const looks = doubtful.map(({ engine, container }) => registry.look(engine, container.id).catch(() => {}));
    await orAborted(Promise.all(looks), signal);
    const isChanged = (id: string): boolean => failed.get(id)?.some(({ code }) => code === 'E_NODE_CHANGED') ?? false;
    doubtful = doubtful.filter(({ container }) => registry.isCurrent(container) && isChanged(container.id));
  }
}
