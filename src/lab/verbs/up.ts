/**
 * `verbs/` has one file for each verb of the command line. A verb opens what it needs and follows the pipeline as far as it has to.
 *
 * This file: `up`.
 */
import { LinkloomError } from '../../errors.ts';
import type { Summary } from '../../events.ts';
import { heldNote } from '../../plan/late.ts';
import type { Node } from '../../topology/topology.ts';
import { freshNodes, freshWithoutLinks, startCommands, startMissed } from '../commands/nodes.ts';
import { CommandRuns } from '../commands/runs.ts';
import { withCommands } from '../commands/wait.ts';
import { bringNodes, hostsWriter } from '../nodes/bring.ts';
import { removeHosts } from '../nodes/hosts.ts';
import { runPrograms, watchPrograms } from '../nodes/programs.ts';
import { tellOrphans } from '../orphans.ts';
import { restoreParked } from '../override/reset-links.ts';
import { type Pass, WHOLE_LAB } from '../pass.ts';
import { mayRise, type Reconciled, reconcile } from '../pipeline.ts';
import type { PreflightMode } from '../preflight/look-before.ts';
import type { Io, Request } from '../request.ts';
import { Session } from '../session.ts';
import { Tally } from '../tally.ts';
import { type HandOver, lockOrHandOver, patiently } from './hand-over.ts';
import { withLateNodes } from './wait.ts';

/** What `up` does beside making the lab. */
export interface UpMore {
  /** Runs last of all, on the same session. */
  readonly afterwards?: ((session: Session) => Promise<void>) | undefined;
  /** Runs first of all, under the lab's lock, with nothing touched. What it throws ends the run. */
  readonly beforehand?: (session: Session) => Promise<void>;
  /** Called with each pass before it is carried out. What it throws ends the run. */
  readonly onPass?: (found: Pass) => void;
  /** Where a daemon has the lab. */
  readonly handOver?: HandOver<Summary, Session>;
}

/**
 * Makes the lab as described. Waits up to `waitMs` (0: not at all) for nodes that do not run yet, and for the commands that it has
 * started, but not for processes that these leave in the background. Throws before anything is changed, or E_INTERRUPTED. Refusals
 * of the kernel and commands that failed are in the summary.
 */
export async function up(
  request: Request,
  waitMs: number,
  io: Io,
  { afterwards, beforehand, onPass, handOver }: UpMore = {},
): Promise<Summary> {
  await using session = await Session.open(request, io.emit);
  const { lab } = session.topology;
  const { lock, done } = await lockOrHandOver(session.workers, lab, handOver, session, patiently(lab, io));
  if (done !== null) {
    await afterwards?.(session);
    return done;
  }
  using _lock = lock;
  if (io.signal?.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched');
  await beforehand?.(session);
  await using runs = await CommandRuns.open({ emit: io.emit, lab, tell: 'failure' });
  const tally = new Tally(session);
  let rerunCommands = request.rerunCommands ?? false;
  let resets = request.reset ?? false;
  // Only the first pass is checked. Later passes add to a lab of which a part exists.
  let preflight: PreflightMode = request.preflight === false ? 'skip' : 'refuse';
  const hosts = hostsWriter(session, io.emit);
  const made = new Set<string>();
  let hasPrograms = false;
  await bringNodes(session, {
    ...io,
    onPlan: (found) => {
      onPass?.(found);
      hosts();
    },
    preflight,
    onReconciled: (reconciled) => {
      preflight = 'skip';
      tally.add(reconciled);
      for (const node of freshNodes(reconciled.network, reconciled.plan, reconciled.execution)) made.add(keyOf(node));
    },
    tally: tally.nodes,
  });
  const makeAll = async (): Promise<Reconciled> => {
    const onPlan = (found: Pass): void => {
      onPass?.(found);
      tellOrphans(session, found, io.emit);
      hosts();
    };
    const scope = { ...WHOLE_LAB, ...(resets && { resets: 'all' as const }) };
    const reconciled = await reconcile(session, scope, { ...io, onPlan, preflight });
    if (resets) await restoreParked(session, reconciled, 'all', io);
    resets = false;
    preflight = 'skip';
    tally.add(reconciled);
    if (!io.signal?.aborted) beginCommands(session, reconciled, runs, { rerun: rerunCommands, made });
    made.clear();
    rerunCommands = false;
    removeHosts(lab, 'gone');
    if (!hasPrograms) await beginPrograms(session, tally, io);
    hasPrograms = true;
    io.emit({ type: 'summary', verb: 'up', summary: tally.summary });
    tally.assertWhole();
    return reconciled;
  };
  await withLateNodes(session, tally, waitMs, io, async () => {
    const first = await makeAll();
    const last = mayRise(first) ? await makeAll() : first;
    if (last.held > 0) io.emit({ type: 'notice', message: heldNote(last.held) });
    return last;
  });
  const summary = await withCommands(tally.summary, runs, io);
  await afterwards?.(session);
  return summary;
}

/**
 * Of the nodes that are whole: what is due, and what could not be run the last time. `made`: keys of those that earlier passes
 * of this run made.
 */
function beginCommands(
  session: Session,
  { network, plan, execution, containers }: Reconciled,
  runs: CommandRuns,
  { rerun, made }: { readonly rerun: boolean; readonly made: ReadonlySet<string> },
): void {
  const whole = freshNodes(network, plan, execution, true);
  const fresh = new Set([...freshNodes(network, plan, execution, rerun), ...freshWithoutLinks(network, runs)]);
  const due = whole.filter((node) => fresh.has(node) || made.has(keyOf(node)));
  startCommands(session, due, containers, runs, rerun);
  startMissed(
    session,
    whole.filter((node) => !due.includes(node)),
    containers,
    runs,
  );
}

/** Starts the programs of namespaces. Those that do not stay are failures of their nodes. */
async function beginPrograms({ topology }: Session, tally: Tally, { emit, signal }: Io): Promise<void> {
  if (signal?.aborted) return;
  const failed = [...(await runPrograms(topology)), ...(await watchPrograms(topology.lab, signal))];
  for (const { node, failure } of failed) {
    tally.nodes.failed(`${topology.lab}.${node}`, failure);
    emit({ type: 'failure', failure });
  }
}

/** Of another container that takes its place it is another one. */
function keyOf({ id, ns }: Node): string {
  return id ?? ns;
}
