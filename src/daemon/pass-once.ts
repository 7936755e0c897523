/** One pass of the daemon: what is in the work queue is reconciled, and what became of it is recorded. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Emit } from '../events.ts';
import type { CommandRuns } from '../lab/commands/runs.ts';
import type { ContainerEngine } from '../runtime/engine.ts';
import type { LookOver, LookOvers } from './asked/lookovers.ts';
import type { Turns } from './asked/turns.ts';
import { startCommands } from './commands.ts';
import type { DriftBackoff } from './drift/backoff.ts';
import type { Health } from './health.ts';
import { orAborted } from './or-aborted.ts';
import type { ReconcileResult, Reconciler } from './reconciler.ts';
import type { Entry, Registry } from './registry.ts';
import { failuresOf } from './result.ts';
import type { Batch, Worklist } from './worklist.ts';

/**
 * How often an engine is asked about a container whose process, by the kernel, has changed. The kernel can know that before the
 * engine.
 */
const LOOKS_AT_CHANGED = 20;
const LOOK_PAUSE_MS = 50;

export interface Renewal {
  readonly adopt: () => void | Promise<void>;
  readonly engines: readonly ContainerEngine[];
  /** Called if the daemon ends before it could be adopted. */
  readonly dropped?: () => void;
}

/** The parts of a running daemon. */
export interface DaemonRun {
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
  /** How long the last pass over the whole lab took that changed nothing. */
  readonly cost: { wholePassMs: number };
  /** Configurations that were loaded since the last pass. */
  readonly renewals: Renewal[];
  readonly lookOvers: LookOvers;
  /** The engines that are followed. */
  readonly followed: ReadonlySet<ContainerEngine>;
  readonly turns: Turns;
  readonly follow: (engine: ContainerEngine) => void;
}

/** Reconciles everything in the work queue, with the newest configuration. */
export async function reconcileOnce(run: DaemonRun, first: boolean): Promise<void> {
  const { work, health, signal, cost } = run;
  for (const renewal of run.renewals.splice(0)) await adoptRenewal(run, renewal);
  const asked = run.lookOvers.take();
  if (asked !== null) await tryAllAtOnce(run);
  const batch = work.take();
  // What was asked for in the meantime is no part of this pass, though its work was just taken.
  if (run.renewals.length > 0 || run.lookOvers.areAsked) work.touchAll();
  const beganMs = performance.now();
  try {
    const { changed } = await reconcileBatch(run, batch, asked?.wanted);
    // The time of a pass that changes links does not count: it is not the cost of looking.
    if (batch.scope === 'all' && changed === 0) cost.wholePassMs = performance.now() - beganMs;
    asked?.settle(null);
  } catch (error) {
    asked?.settle(error);
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

/** Before a pass that somebody asked for: no failure and no drift has to wait for its time, and the engines are asked what runs. */
async function tryAllAtOnce({ registry, work, health, backoff, signal, followed }: DaemonRun): Promise<void> {
  work.touchAll();
  health.hasten();
  backoff.reset();
  await orAborted(Promise.all([...followed].map((engine) => registry.compare(engine).catch(() => {}))), signal);
}

/** Makes one pass, then starts the commands of the containers whose links are all up. */
async function reconcileBatch(run: DaemonRun, batch: Batch, asked?: LookOver): Promise<ReconcileResult> {
  const { reconciler, registry, work, health, backoff, signal } = run;
  const entries = registry.entries();
  const containers = entries.map((entry) => entry.container);
  health.forget(batch.gone);
  backoff.forget(batch.gone);
  const paused = new Set([...health.paused(), ...backoff.paused()]);
  const request = { scope: batch.scope, gone: batch.gone, containers, paused, signal };
  const result = await reconciler.reconcile(asked === undefined ? request : { ...request, ...asked });
  const again = asked?.rerunCommands ?? false;
  if (again) run.startedFor.clear();
  if (signal.aborted) return result;
  if (result.mayRise) work.touchAll();
  await lookAgain(run, entries, result);
  const current = entries.filter((entry) => registry.isCurrent(entry.container));
  const running = new Set(current.map((entry) => entry.container.id));
  backoff.repaired(result.drifted ?? new Map());
  backoff.postponed(result.postponed ?? new Set());
  health.record({ batch, result, running, quiet: work.empty });
  for (const entry of current) {
    const { id } = entry.container;
    const looked = batch.scope === 'all' || batch.scope.has(id);
    if (looked && !health.hasFailure(id)) startCommands(run, entry, again);
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
