/** Runs `daemon` and `up --watch`: makes the nodes that are missing and the links of what runs, then follows the engines and the configuration's files. */

import { setMaxListeners } from 'node:events';
import { LabLock } from '../engine/lock/lab-lock.ts';
import { keepHeapTightForLife } from '../engine/machine/heap.ts';
import { LinkloomError } from '../errors.ts';
import type { CommandHold } from '../lab/commands/hold.ts';
import { CommandRuns } from '../lab/commands/runs.ts';
import { EventLog } from '../lab/live/log.ts';
import { readingOnce } from '../lab/load.ts';
import type { Io, Request } from '../lab/request.ts';
import { Session } from '../lab/session.ts';
import type { Tally } from '../lab/tally.ts';
import { remove } from '../lab/verbs/down.ts';
import { patiently } from '../lab/verbs/hand-over.ts';
import { Answering, type Serve } from './asked/answering.ts';
import { type Adopt, Control } from './asked/control.ts';
import { LabReconciler } from './lab-reconciler.ts';
import { type Controls, runDaemon } from './loop.ts';
import { makeChangedNodes, makeNodes } from './nodes.ts';
import { Reload } from './reload/reload.ts';
import { ServiceManager } from './service-manager.ts';
import { warnOnce } from './tell.ts';

export interface FollowLabOptions {
  /** Whether the links are removed or left at the end. */
  readonly atEnd: 'remove' | 'leave';
  /** Whether the configuration's files are followed. Standard input never is. */
  readonly reload: boolean;
  /** Brings other configurations than files do; `reload` is false then. Default: nothing does. */
  readonly follow?: ((following: Following) => Disposable) | undefined;
  /** Holds the commands and links with `state: late` back. Default: nothing does, but that links of the lab are missing. */
  readonly hold?: CommandHold | undefined;
  /** Counts what becomes of the nodes and links that are made before the loop begins; asked for then. Default: nobody does. */
  readonly tally?: (() => Tally | undefined) | undefined;
  /** Registers a listener for SIGHUP, upon which the files are read again. */
  readonly onHangup: (listener: () => void) => void;
  /** Keeps what happens to the lab. Default: a log of its own. */
  readonly log?: EventLog;
  /** Where the service manager that started the daemon wants to be told how it is, as NOTIFY_SOCKET says. Default: there is none. */
  readonly notifySocket?: string | undefined;
  /** Serves the lab to others, from when it is locked until it is left. Default: it is served to nobody. */
  readonly serve?: Serve | undefined;
}

/** What another source of configurations than files is given. */
export interface Following {
  /** The session in use. */
  readonly session: Session;
  readonly adopt: Adopt;
  readonly signal: AbortSignal;
}

/**
 * Runs until `io.signal` aborts. At the end `daemon` removes the lab (`remove`) and `up --watch` leaves it (`leave`). Before
 * anything is changed, it may throw what `Session.open` and `LabLock.take` throw. Needs what they need.
 */
export async function followLab(
  asked: Request,
  reported: Io & { readonly signal: AbortSignal },
  { atEnd, reload, follow, hold, tally, onHangup, log = new EventLog(), serve, notifySocket }: FollowLabOptions,
): Promise<void> {
  keepHeapTightForLife();
  const request = readingOnce(asked);
  const io = { ...reported, ...log.hearing(reported) };
  const { emit, links } = io;
  // Each reload would repeat the warnings of the first load.
  const emitLoading = warnOnce(emit);
  const readAtMs = Date.now();
  // Outside of the lock, so that who is told that the lab is gone finds it free.
  await using answering = new Answering();
  await using session = await Session.open(request, emitLoading);
  if (io.signal.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched');
  // The first event is not to wait for a thread to start.
  session.workers.ready().catch(() => {});
  const { lab } = session.topology;
  await using manager = new ServiceManager({ address: notifySocket, workers: session.workers, emit });
  using _lock = await LabLock.take(session.workers, lab, patiently(lab, io));
  await using runs = await CommandRuns.open({ emit, lab, tell: 'warning', hold });
  const control = new Control({ atEnd, session, log, emit, runs });
  using _serving = await answering.begin(control, serve);
  const signal = AbortSignal.any([io.signal, control.ending]);
  setMaxListeners(0, signal);
  signal.addEventListener('abort', () => manager.stopping(), { once: true });
  signal.addEventListener('abort', () => control.plays.stop(), { once: true });
  // What can be made is: of links that come and go none waits for the others.
  const preflight = request.preflight === false ? 'skip' : 'tell';
  await using reconciler = new LabReconciler(session, {
    ...{ emit, links, runs, rerunCommands: request.rerunCommands ?? false, reset: request.reset ?? false, preflight },
    ...{ onDevice: (event) => log.add('kernel', event), holdsLate: () => hold?.isHeld ?? false },
    onReconciled: (reconciled) => control.reconciled(reconciled),
    remove: async () => {
      await control.plays.over();
      control.removed(await remove(session.workers, lab, session.engines, { emit, links }, performance.now()));
    },
  });
  const attend = (controls: Controls): Disposable => {
    const adopt: Adopt = (next, tally) =>
      new Promise((resolve) => {
        const adoptIt = async (): Promise<void> => {
          reconciler.adopt(next);
          control.adopt(next);
          resolve(await makeChangedNodes(next, { ...io, signal, preflight, tally }));
        };
        controls.renew({ adopt: adoptIt, engines: next.engines, dropped: () => resolve([]) });
      });
    if (!reload) {
      control.attend({ ...controls, adopt, read: async () => ({ session: control.session(), isSame: true }) });
      onHangup(() => emit({ type: 'reloadRefused' }));
      return follow?.({ session, adopt, signal }) ?? { [Symbol.dispose]: () => {} };
    }
    const adoptChanged = (next: Session): void => void adopt(next).finally(() => manager.adopted());
    const told = { onReading: () => manager.reading(), onRead: (isNew: boolean) => manager.read(isNew) };
    const reloading = new Reload({
      request,
      session,
      readAtMs,
      emit,
      emitLoading,
      signal,
      adopt: adoptChanged,
      ...told,
    });
    control.attend({ ...controls, adopt, read: () => reloading.now() });
    onHangup(() => reloading.ask());
    return reloading;
  };
  const { turns } = control;
  const onPass = manager.passed.bind(manager);
  await turns.take(() => makeNodes(session, { ...io, signal, preflight, tally: tally?.() }));
  await runDaemon({ reconciler, engines: session.engines, runs, emit, signal, atEnd, attend, turns, onPass });
  await control.plays.over();
  if (atEnd === 'leave' && control.ending.aborted) await reconciler.remove();
}
