/**
 * `verbs/` is what users ask for: each verb opens what it needs and goes along the pipeline as far as it has to.
 *
 * This file: `up`.
 */
import { LabLock } from '../../engine/lock/lab-lock.ts';
import { LinkloomError } from '../../errors.ts';
import type { Summary } from '../../events.ts';
import { freshNodes, startCommands, startMissed } from '../commands/nodes.ts';
import { CommandRuns } from '../commands/runs.ts';
import { withCommands } from '../commands/wait.ts';
import { tellOrphans } from '../orphans.ts';
import { WHOLE_LAB } from '../pass.ts';
import { type Reconciled, reconcile } from '../pipeline.ts';
import type { Io, Request } from '../request.ts';
import { Session } from '../session.ts';
import { Tally } from '../tally.ts';
import { withLateNodes } from './wait.ts';

/**
 * Bring the kernel to what is described; nodes that do not run yet are given `waitMs` (0: none) to
 * come. Waits for the commands that it has begun, not for what they leave in the background. Throws before anything is
 * touched, or E_INTERRUPTED; what the kernel refuses, and which commands failed, is in the summary.
 */
export async function up(request: Request, waitMs: number, io: Io): Promise<Summary> {
  await using session = await Session.open(request, io.emit);
  const { lab } = session.topology;
  using _lock = await LabLock.take(session.workers, lab);
  if (io.signal?.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched');
  await using runs = await CommandRuns.open({ emit: io.emit, lab, tell: 'failure' });
  const tally = new Tally(session);
  let rerunCommands = request.rerunCommands ?? false;
  await withLateNodes(session, tally, waitMs, io, async () => {
    const reconciled = await reconcile(session, WHOLE_LAB, {
      ...io,
      onPlan: (found) => tellOrphans(session, found, io.emit),
    });
    tally.add(reconciled);
    if (!io.signal?.aborted) beginCommands(session, reconciled, runs, rerunCommands);
    rerunCommands = false;
    io.emit({ type: 'summary', verb: 'up', summary: tally.summary });
    tally.assertWhole();
    return reconciled;
  });
  return await withCommands(tally.summary, runs, io);
}

/** Of the nodes that are whole: what is due, and what could not be run the last time. */
function beginCommands(session: Session, reconciled: Reconciled, runs: CommandRuns, rerun: boolean): void {
  const { network, plan, execution, containers } = reconciled;
  const nodes = freshNodes(network, plan, execution, rerun);
  startCommands(session, nodes, containers, runs, rerun);
  const others = freshNodes(network, plan, execution, true).filter((node) => !nodes.includes(node));
  startMissed(session, others, containers, runs);
}
