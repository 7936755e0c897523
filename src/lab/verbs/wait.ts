/** `up --wait`: nodes that do not run yet are given some time; those that run are linked at once meanwhile. */

import { setTimeout as delay } from 'node:timers/promises';
import { counted } from '../../counted.ts';
import { hasDevice } from '../../engine/observe.ts';
import { LinkloomError } from '../../errors.ts';
import type { Pending } from '../../events.ts';
import { pendingFailures } from '../../plan/pending/text.ts';
import { missingBridges } from '../../plan/switch/standing.ts';
import { verb } from '../../verb-names.ts';
import { wholeNetwork } from '../network.ts';
import type { Reconciled } from '../pipeline.ts';
import type { Io } from '../request.ts';
import type { Session } from '../session.ts';
import type { Tally } from '../tally.ts';

/** Between two looks at what runs. */
const POLL_MS = 200;
/** Time between two messages on what is still missing. */
const TELL_MS = 10_000;

/**
 * Bring the lab up, and again whenever a node that was missing has come, until nothing is pending, `waitMs` are over,
 * or the signal aborts. What is waited for is told at once and every ten seconds, what is pending in the end as failures. `reconcile`
 * adds what it does to the tally. Throws what `reconcile` throws, and E_INTERRUPTED where the signal ended the waiting.
 */
export async function withLateNodes(
  session: Session,
  tally: Tally,
  waitMs: number,
  io: Io,
  reconcile: () => Promise<Reconciled>,
): Promise<void> {
  const deadlineMs = performance.now() + waitMs;
  let last = await reconcile();
  while (tally.pending.length > 0 && (await someCame(session, last, tally.pending, deadlineMs, io)))
    last = await reconcile();
  for (const failure of pendingFailures(tally.pending)) io.emit({ type: 'failure', failure });
  if (io.signal?.aborted && tally.pending.length > 0) {
    const waiting = counted(tally.summary.links.pending, 'link still waits', 'links still wait');
    throw new LinkloomError('E_INTERRUPTED', `interrupted: ${waiting}; all others stay`, {
      hint: `run ${verb('up')} again once the nodes run, or ${verb('down')} to take all away`,
    });
  }
}

/** Whether a node runs, or a bridge of others exists, that did not before; false once the time is over. */
async function someCame(
  session: Session,
  { network: before, snapshot }: Reconciled,
  pending: readonly Pending[],
  deadlineMs: number,
  { emit, signal }: Io,
): Promise<boolean> {
  let tellMs = performance.now();
  const bridges = missingBridges(before, snapshot.observed, snapshot.placement);
  while (performance.now() < deadlineMs && !signal?.aborted) {
    const nowMs = performance.now();
    if (nowMs >= tellMs) {
      tellMs = nowMs + TELL_MS;
      emit({ type: 'waiting', pending, leftMs: deadlineMs - nowMs });
    }
    await delay(Math.min(POLL_MS, Math.max(0, deadlineMs - nowMs)));
    const { network: now } = wholeNetwork(session, await session.containers());
    if (now.pending.length < before.pending.length || now.nodes.length > before.nodes.length) return true;
    if (bridges.size > 0 && (await hasDevice(session.workers, session.host, bridges))) return true;
  }
  return false;
}
