/**
 * `daemon/` is the pipeline in a loop, keyed by what the container engines tell. It decides when to
 * reconcile and for whom; what reconciling means is the pipeline's (reconciler.ts).
 * Events only say where to look: a container's state is read from its engine each time, so events
 * that come twice, late, out of order or not at all do no harm, and a resync makes up for lost ones.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Emit } from '../events.ts';
import type { CommandRuns } from '../lab/commands/runs.ts';
import type { ContainerEngine } from '../runtime/engine.ts';
import { startCommands } from './commands.ts';
import { Pace } from './drift/pace.ts';
import { resync } from './drift/resync.ts';
import { type Following, followEngine } from './follow.ts';
import { Health } from './health.ts';
import { orAborted } from './or-aborted.ts';
import type { ReconcileResult, Reconciler } from './reconciler.ts';
import { type Entry, Registry } from './registry.ts';
import { failuresOf } from './result.ts';
import { type Batch, Worklist } from './worklist.ts';

export interface DaemonTiming {
  /** Between one pass and the next: what comes meanwhile is handled together. After a longer rest the first event is handled at once. */
  readonly debounceMs: number;
  /** A change in the kernel is looked at after this time, so that the engine may tell first that a container has ended. */
  readonly settleMs: number;
  /**
   * Engines are asked so often who runs, and the whole lab is looked over, though no event came; the latter more seldom where that
   * takes long (`RESYNC_SHARE`).
   */
  readonly resyncEveryMs: number;
  /** A failed link is tried again after this time, then after twice that, up to `retryMaxMs`. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** The same for an engine that does not answer. */
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
}

const DEFAULT_TIMING: DaemonTiming = {
  debounceMs: 20,
  settleMs: 40,
  resyncEveryMs: 30_000,
  retryMinMs: 1000,
  retryMaxMs: 30_000,
  reconnectMinMs: 200,
  reconnectMaxMs: 10_000,
};

/** How often, and with what pauses, an engine is asked about a container whose process is another to the kernel. */
const LOOKS_AT_CHANGED = 20;
const LOOK_PAUSE_MS = 50;

export interface DaemonOptions {
  readonly reconciler: Reconciler;
  /** Empty for a lab of netns nodes alone. */
  readonly engines: readonly ContainerEngine[];
  /** Runs the commands of containers; disposed of at the end. */
  readonly runs: CommandRuns;
  readonly emit: Emit;
  /** Ends the daemon. */
  readonly signal: AbortSignal;
  /** What becomes of the links at the end: `daemon` removes them, `up --watch` leaves them. */
  readonly atEnd: 'remove' | 'leave';
  /** Called once the daemon follows; disposed of at its end. */
  readonly attend?: (controls: Controls) => Disposable;
  readonly timing?: Partial<DaemonTiming>;
}

/** What another configuration needs of the loop. */
export interface Controls {
  /** Between two passes: calls `adopt`, follows these engines too, and looks at everything anew. */
  renew(renewal: Renewal): void;
}

export interface Renewal {
  readonly adopt: () => void;
  readonly engines: readonly ContainerEngine[];
}

/**
 * Runs until `signal` aborts and the end is done. Failed links are reported and tried again, never thrown; but what
 * keeps the very first pass from being made at all (a missing privilege, a foreign bridge) is, with nothing left running.
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { reconciler, engines, runs, emit } = options;
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const work = new Worklist();
  const registry = new Registry(reconciler, work, emit);
  const health = new Health(timing, emit);
  using pace = new Pace(
    timing,
    (scope) => work.add(scope),
    emit,
    (owner) => health.isAiling(owner),
  );
  reconciler.heed?.((scope) => pace.noticed(scope));
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
      pace,
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

interface Workshop {
  readonly reconciler: Reconciler;
  readonly registry: Registry;
  readonly work: Worklist;
  readonly runs: CommandRuns;
  /** The process id of a container for which its commands were begun: once per start. */
  readonly startedFor: Map<string, number>;
  readonly health: Health;
  readonly pace: Pace;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly timing: DaemonTiming;
  /** What the last pass over the whole lab took in which all was in order. */
  readonly cost: { wholePassMs: number };
  /** Configurations that came since the last pass. */
  readonly renewals: Renewal[];
  readonly follow: (engine: ContainerEngine) => void;
}

async function keepReconciling(shop: Workshop): Promise<void> {
  const { work, health, signal, timing } = shop;
  work.touchAll();
  let first = true;
  let freeAtMs = performance.now() + timing.debounceMs;
  while (!signal.aborted) {
    await work.available(signal, health.nextRetryAt());
    if (!work.empty) await delay(Math.max(0, freeAtMs - performance.now()), undefined, { signal }).catch(() => {});
    work.add(health.due());
    if (signal.aborted || work.empty) continue;
    await keepUp(shop, first);
    first = false;
    freeAtMs = performance.now() + timing.debounceMs;
  }
}

/** One pass over what there is to do, with the newest configuration. */
async function keepUp(shop: Workshop, first: boolean): Promise<void> {
  const { work, health, signal, cost } = shop;
  for (const renewal of shop.renewals.splice(0)) await takeUp(shop, renewal);
  const batch = work.take();
  const beganMs = performance.now();
  try {
    const { changed } = await pass(shop, batch);
    // A pass that makes links says nothing of what looking costs.
    if (batch.scope === 'all' && changed === 0) cost.wholePassMs = performance.now() - beganMs;
  } catch (error) {
    if (first) throw error;
    work.hold(batch.gone);
    if (!signal.aborted) health.broken(failuresOf(error));
  }
}

/** Another configuration: what was known of failures and drift is of the old one, and other containers may be wanted. */
async function takeUp(
  { registry, health, pace, follow, signal }: Workshop,
  { adopt, engines }: Renewal,
): Promise<void> {
  adopt();
  health.reset();
  pace.reset();
  for (const engine of engines) follow(engine);
  // An engine that does not answer is its follower's business.
  await orAborted(Promise.all(engines.map((engine) => registry.compare(engine).catch(() => {}))), signal);
}

/** One reconciliation, and the commands of the containers that are whole after it. */
async function pass(shop: Workshop, batch: Batch): Promise<ReconcileResult> {
  const { reconciler, registry, work, health, pace, signal } = shop;
  const entries = registry.entries();
  const containers = entries.map((entry) => entry.container);
  health.forget(batch.gone);
  pace.forget(batch.gone);
  const paused = new Set([...health.paused(), ...pace.paused()]);
  const result = await reconciler.reconcile({ scope: batch.scope, gone: batch.gone, containers, paused, signal });
  if (signal.aborted) return result;
  await lookAgain(shop, entries, result);
  const current = entries.filter((entry) => registry.isCurrent(entry.container));
  const running = new Set(current.map((entry) => entry.container.id));
  pace.mended(result.drifted ?? new Map());
  pace.held(result.held ?? new Set());
  health.record({ batch, result, running, quiet: work.empty });
  for (const entry of current) {
    const { id } = entry.container;
    const looked = batch.scope === 'all' || batch.scope.has(id);
    if (looked && !health.isAiling(id)) startCommands(shop, entry);
  }
  return result;
}

/**
 * What failed because its container ended meanwhile is no failure; the engine may know before its event comes, or only some
 * moments after the kernel (`E_NODE_CHANGED`).
 */
async function lookAgain(
  { registry, signal }: Workshop,
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
