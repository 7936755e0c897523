/** Runs `daemon` and `up --watch`: makes the nodes that are missing and the links of what runs, then follows the engines and the configuration's files. */

import { LabLock } from '../engine/lock/lab-lock.ts';
import { LinkloomError } from '../errors.ts';
import { CommandRuns } from '../lab/commands/runs.ts';
import { EventLog } from '../lab/live/log.ts';
import { readingOnce } from '../lab/load.ts';
import type { Io, Request } from '../lab/request.ts';
import { Session } from '../lab/session.ts';
import { remove } from '../lab/verbs/down.ts';
import { LabReconciler } from './lab-reconciler.ts';
import { type Controls, runDaemon } from './loop.ts';
import { makeChangedNodes, makeNodes } from './nodes.ts';
import { Reload } from './reload/reload.ts';
import { warnOnce } from './tell.ts';

export interface FollowLabOptions {
  /** Whether the links are removed or left at the end. */
  readonly atEnd: 'remove' | 'leave';
  /** Whether the configuration's files are followed. Standard input never is. */
  readonly reload: boolean;
  /** Registers a listener for SIGHUP, upon which the files are read again. */
  readonly onHangup: (listener: () => void) => void;
  /** Keeps what happens to the lab. Default: a log of its own, which nobody reads. */
  readonly log?: EventLog;
}

/**
 * Runs until `io.signal` aborts. At the end `daemon` removes the lab (`remove`) and `up --watch` leaves it (`leave`). Before
 * anything is changed, it may throw what `Session.open` and `LabLock.take` throw. Needs what they need.
 */
export async function followLab(
  asked: Request,
  reported: Io & { readonly signal: AbortSignal },
  { atEnd, reload, onHangup, log = new EventLog() }: FollowLabOptions,
): Promise<void> {
  const request = readingOnce(asked);
  const io = { ...reported, ...log.hearing(reported) };
  const { emit } = io;
  // Each reload would repeat the warnings of the first load.
  const emitLoading = warnOnce(emit);
  const readAtMs = Date.now();
  await using session = await Session.open(request, emitLoading);
  if (io.signal.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched');
  const { lab } = session.topology;
  using _lock = await LabLock.take(session.workers, lab);
  const { links } = io;
  await using runs = await CommandRuns.open({ emit, lab, tell: 'warning' });
  // What can be made is: of links that come and go none waits for the others.
  const preflight = request.preflight === false ? 'skip' : 'tell';
  await using reconciler = new LabReconciler(session, {
    ...{ emit, links, runs, rerunCommands: request.rerunCommands ?? false, preflight },
    onDevice: (event) => log.add('kernel', event),
    remove: async () => {
      await remove(session.workers, lab, session.engines, { emit, links }, performance.now());
    },
  });
  const attend = ({ renew }: Controls): Disposable => {
    if (!reload) {
      onHangup(() => emit({ type: 'reloadRefused' }));
      return { [Symbol.dispose]: () => {} };
    }
    const adopt = (next: Session): void => {
      const adoptIt = async (): Promise<void> => {
        reconciler.adopt(next);
        await makeChangedNodes(next, { ...io, preflight });
      };
      renew({ adopt: adoptIt, engines: next.engines });
    };
    const reloading = new Reload({ request, session, readAtMs, emit, emitLoading, signal: io.signal, adopt });
    onHangup(() => reloading.ask());
    return reloading;
  };
  await makeNodes(session, { ...io, preflight });
  await runDaemon({ reconciler, engines: session.engines, runs, emit, signal: io.signal, atEnd, attend });
}
