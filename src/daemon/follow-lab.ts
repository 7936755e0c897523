/** `daemon`, and `up --watch`: bring up what runs, then follow the engines. */
import { CommandRuns } from '../commands/runs.ts';
import { LabLock } from '../engine/lock/lab-lock.ts';
import { remove } from '../pipeline.ts';
import { type Io, type Request, Session } from '../session.ts';
import { LabReconciler } from './lab-reconciler.ts';
import { runDaemon } from './loop.ts';

/**
 * Runs until `io.signal` aborts. At the end the daemon removes the lab (`remove`); `up --watch` leaves
 * it (`leave`). Throws what `Session.open` and `LabLock.take` throw, before anything is touched.
 */
export async function followLab(
  request: Request,
  io: Io & { readonly signal: AbortSignal },
  atEnd: 'remove' | 'leave',
): Promise<void> {
  await using session = await Session.open(request, io.emit);
  const { lab } = session.topology;
  using _lock = await LabLock.take(session.pool, lab);
  const removal = { emit: io.emit, signal: null };
  await using runs = await CommandRuns.open({ emit: io.emit, lab, tell: 'warning' });
  await using reconciler = new LabReconciler(session, {
    ...{ emit: io.emit, runs, rerunCommands: request.rerunCommands ?? false },
    remove: async () => {
      await remove(session.pool, lab, removal, performance.now());
    },
  });
  await runDaemon({ reconciler, engines: session.engines, runs, emit: io.emit, signal: io.signal, atEnd });
}
