/**
 * The way of the data, in order: load → validate → normalise → instantiate → observe → diff → plan →
 * jobs → execute in workers → report. The file to read first; each stage is one call.
 */

import { counted } from '../counted.ts';
import { LabLock } from '../engine/lock/lab-lock.ts';
import { prepareOvsDirectory } from '../engine/ovs-directory.ts';
import { assertPrivilege } from '../engine/privilege.ts';
import { teardown } from '../engine/teardown.ts';
import { WorkerPool } from '../engine/threads/pool.ts';
import { SparePool } from '../engine/threads/spares.ts';
import type { Workers } from '../engine/workers.ts';
import { LinkloomError } from '../errors.ts';
import type { Emit, Pending, Summary, Timings } from '../events.ts';
import { OWN_NS } from '../net/ns-id.ts';
import { diff } from '../plan/diff.ts';
import { NOTHING_OBSERVED } from '../plan/observed.ts';
import { notLookedFor, notRunning, pendingOf } from '../plan/pending/pending.ts';
import type { Plan } from '../plan/plan.ts';
import { statusOf } from '../plan/status/compare.ts';
import type { StatusReport } from '../plan/status/status.ts';
import { place } from '../plan/switch/placement.ts';
import { withoutInactive } from '../topology/nodes.ts';
import type { Network, Topology } from '../topology/topology.ts';
import type { Brought } from './brought.ts';
import { endCommands } from './commands/end.ts';
import { commandReports, freshNodes, startCommands, startMissed } from './commands/nodes.ts';
import { CommandRuns } from './commands/runs.ts';
import { withCommands } from './commands/wait.ts';
import { type Io, loadTopology, type Request, Session } from './session.ts';
import {
  applyPlan,
  countLinks,
  look,
  networkAndSnapshot,
  networkOf,
  type Planned,
  planOf,
  planSurely,
  type Snapshot,
  tellOrphans,
  timed,
} from './stages.ts';
import { withLateNodes } from './wait.ts';

/** `validate`, `graph`, `plan --offline`: no further than the topology, without services whose profiles are off. Throws E_CONFIG. */
export async function load(request: Request, emit: Emit): Promise<Topology> {
  return withoutInactive((await loadTopology(request, emit)).topology);
}

/**
 * `up`: bring the kernel to what is described; nodes that do not run yet are given `waitMs` (0: none) to
 * come. Waits for the commands that it has begun, not for what they leave in the background. Throws before anything is
 * touched, or E_INTERRUPTED; what the kernel refuses, and which commands failed, is in the summary.
 */
export async function up(request: Request, waitMs: number, io: Io): Promise<Summary> {
  await using session = await Session.open(request, io.emit);
  const { lab } = session.topology;
  using _lock = await LabLock.take(session.pool, lab);
  if (io.signal?.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched');
  await using runs = await CommandRuns.open({ emit: io.emit, lab, tell: 'failure' });
  let again = request.rerunCommands ?? false;
  const summary = await withLateNodes(session, waitMs, io, async () => {
    const pass = bring(session, io, runs, again);
    again = false;
    return await pass;
  });
  return await withCommands(summary, runs, io);
}

/** One pass over the whole lab on an open session. Commands are begun, not waited for. */
async function bring(session: Session, io: Io, runs: CommandRuns, rerunCommands: boolean): Promise<Brought> {
  const { emit } = io;
  await using spares = SparePool.expect(session.topology);
  const containers = await session.containers();
  const { network, snapshot, observeMs } = await networkAndSnapshot(session, containers, emit);
  const surely = (seen: Snapshot): Promise<Planned> =>
    planSurely(session, network, seen, (closer) => planOf(session, network, closer));
  const plan = await timed('plan', emit, () => surely(snapshot));
  const planned = plan.value;
  tellOrphans(session, planned.plan, emit);
  const again = async (): Promise<Planned> => surely(await look(session, network, containers));
  const run = await timed('apply', emit, () => applyPlan(session, network, planned, { ...io, spares }, again));
  const { execution } = run.value;
  const lost = new Set([...execution.failed, ...execution.skipped]);
  const { failures } = execution;
  if (!io.signal?.aborted) {
    const nodes = freshNodes(network, run.value.plan, execution, rerunCommands);
    startCommands(session, nodes, containers, runs, rerunCommands);
    const others = freshNodes(network, run.value.plan, execution, true).filter((node) => !nodes.includes(node));
    startMissed(session, others, containers, runs);
  }
  const timings = timingsOf({
    loadMs: session.loadMs,
    observeMs,
    planMs: plan.ms,
    applyMs: execution.applyMs,
  });
  const summary = {
    lab: network.lab,
    links: countLinks(network, run.value.plan, execution),
    timings,
    failures,
    pending: pendingOf(network, run.value.plan, notRunning(session.filter), lost),
    commands: [],
    orphans: run.value.plan.orphans,
  };
  emit({ type: 'summary', verb: 'up', summary });
  if (execution.skipped.size > 0) throw interrupted(execution.skipped.size);
  return { summary, network };
}

/** What a plan foresees: what would be done, and what can't be yet. */
export interface Foreseen {
  readonly plan: Plan;
  readonly network: Network;
  readonly pending: readonly Pending[];
}

/** `plan --offline`: against an empty kernel, without root, engines and workers. Only netns nodes can be known. */
export async function planOffline(request: Request, emit: Emit): Promise<Foreseen> {
  const { loaded, topology } = await loadTopology(request, emit);
  const network = networkOf({ topology: withoutInactive(topology), filter: null, host: OWN_NS }, [], emit);
  const placement = place(network.lab, 'netns', network.bridges, network.links, NOTHING_OBSERVED);
  const plan = diff(network, NOTHING_OBSERVED, placement, { prune: false, files: loaded.fileSet });
  return { plan, network, pending: pendingOf(network, plan, notLookedFor) };
}

/** `plan`: what `up` would do. */
export async function plan(request: Request, io: Io): Promise<Foreseen> {
  await using session = await Session.open(request, io.emit);
  const containers = await session.containers();
  const { network, snapshot } = await networkAndSnapshot(session, containers, io.emit);
  const { plan } = await planSurely(session, network, snapshot, (seen) => planOf(session, network, seen));
  tellOrphans(session, plan, io.emit);
  return { plan, network, pending: pendingOf(network, plan, notRunning(session.filter)) };
}

/** `status`: each link as wanted and as it is. */
export async function status(request: Request, io: Io): Promise<StatusReport> {
  await using session = await Session.open(request, io.emit);
  const containers = await session.containers();
  const network = networkOf(session, containers, io.emit);
  const wants = { counters: true };
  const snapshot = await look(session, network, containers, wants);
  const { plan, observed } = await planSurely(
    session,
    network,
    snapshot,
    (seen) => planOf(session, network, seen),
    wants,
  );
  const report = statusOf(network, observed, snapshot.placement, plan, notRunning(session.filter));
  return { ...report, commands: await commandReports(session, network.nodes, containers) };
}

/** `down`: take a lab away, known by its name and its marks alone. */
export async function down(lab: string, workers: number, io: Io): Promise<Summary> {
  assertPrivilege();
  await using pool = await WorkerPool.start(workers);
  using _lock = await LabLock.take(pool, lab);
  return await remove(pool, lab, io);
}

/** The same with workers and a lock that the caller has. `totalMs` counts from `sinceMs` of `performance.now()`, since a daemon has run for long. */
export async function remove(workers: Workers, lab: string, { emit }: Io, sinceMs = 0): Promise<Summary> {
  await endCommands(lab, emit);
  const { links, failures, observeMs, applyMs } = await teardown(workers, lab, emit);
  prepareOvsDirectory(lab, false, emit);
  const counts = {
    desired: 0,
    created: 0,
    changed: 0,
    unchanged: 0,
    removed: links.length,
    failed: failures.length,
    pending: 0,
  };
  const timings = timingsOf({ loadMs: 0, observeMs, planMs: 0, applyMs }, sinceMs);
  const summary = { lab, links: counts, timings, failures, pending: [], commands: [], orphans: [] };
  emit({ type: 'summary', verb: 'down', summary });
  return summary;
}

function timingsOf(stages: Omit<Timings, 'totalMs'>, sinceMs = 0): Timings {
  return { ...stages, totalMs: performance.now() - sinceMs };
}

function interrupted(left: number): LinkloomError {
  return new LinkloomError(
    'E_INTERRUPTED',
    `interrupted: ${counted(left, 'link was', 'links were')} not begun; those that were are whole`,
    {
      hint: 'run `up` again for the rest, or `down` to take all away',
    },
  );
}
