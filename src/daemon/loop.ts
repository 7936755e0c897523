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
import type { Condition } from './asked/condition.ts';
import { type LookOver, LookOvers } from './asked/lookovers.ts';
import { Turns } from './asked/turns.ts';
import { DriftBackoff } from './drift/backoff.ts';
import { resync } from './drift/resync.ts';
import { type Following, followEngine } from './follow.ts';
import { Health } from './health.ts';
import { orAborted } from './or-aborted.ts';
import { type DaemonRun, type Renewal, reconcileOnce } from './pass-once.ts';
import type { Reconciler } from './reconciler.ts';
import { Registry } from './registry.ts';
import { Worklist } from './worklist.ts';

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
  /** Called after each pass, also one that failed. */
  readonly onPass?: (condition: Condition) => void;
  /** What else works on the lab takes turns with the passes. Default: nothing else does. */
  readonly turns?: Turns;
  readonly timing?: Partial<DaemonTiming>;
}

/** How a reloaded configuration, and what people ask for, get into the loop. */
export interface Controls {
  /** Between two passes, calls `adopt`, follows these engines too, and looks at everything again. */
  renew(renewal: Renewal): void;
  /** Makes a pass over the whole lab, in which all that has failed is tried at once. As `LookOvers.ask`. */
  lookOver(wanted: LookOver): Promise<void>;
  /** As of the last pass. */
  condition(): Condition;
  /** How long the last pass over the whole lab took that changed nothing; 0: there was none. */
  wholePassMs(): number;
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
    if (broken.signal.aborted) return renewal.dropped?.();
    renewals.push(renewal);
    work.touchAll();
  };
  const lookOvers = new LookOvers();
  const lookOver = (wanted: LookOver): Promise<void> => {
    const done = lookOvers.ask(wanted);
    work.touchAll();
    return done;
  };
  const lost = (): readonly string[] => following.flatMap((one) => (one.isListening() ? [] : [one.socketPath]));
  const condition = (): Condition => ({ ...health.condition, lost: lost() });
  const cost = { wholePassMs: 0 };
  using _attended = options.attend?.({ renew, lookOver, condition, wholePassMs: () => cost.wholePassMs });
  const resyncing = resync({ engines: followed, registry, work, everyMs: timing.resyncEveryMs, cost, signal });
  try {
    await orAborted(Promise.all(following.map((one) => one.ready)), signal);
    const startedFor = new Map<string, number>();
    const run: DaemonRun = {
      ...{ reconciler, registry, work, runs, startedFor, health, backoff, emit, signal, cost, renewals, lookOvers },
      ...{ followed, follow, turns: options.turns ?? new Turns() },
    };
    await keepReconciling(run, timing, () => options.onPass?.(condition()));
  } finally {
    broken.abort();
    lookOvers.end();
    for (const renewal of renewals.splice(0)) renewal.dropped?.();
    await Promise.all([...following.map((one) => one.ended), resyncing, runs[Symbol.asyncDispose]()]);
  }
  if (options.atEnd === 'remove') await reconciler.remove();
}

async function keepReconciling(run: DaemonRun, timing: DaemonTiming, onPass: () => void): Promise<void> {
  const { work, health, signal } = run;
  work.touchAll();
  let first = true;
  let freeAtMs = performance.now() + timing.debounceMs;
  while (!signal.aborted) {
    await work.available(signal, health.nextRetryAt());
    if (!work.empty) await delay(Math.max(0, freeAtMs - performance.now()), undefined, { signal }).catch(() => {});
    work.add(health.due());
    if (signal.aborted || work.empty) continue;
    await run.turns.take(() => reconcileOnce(run, first));
    onPass();
    first = false;
    freeAtMs = performance.now() + timing.debounceMs;
  }
}
