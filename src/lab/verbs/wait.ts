/** `up --wait`: nodes that do not run yet are given some time; those that run are linked at once meanwhile. */

import { setTimeout as delay } from 'node:timers/promises';
import { counted } from '../../counted.ts';
import { hasDevice } from '../../engine/observe.ts';
import { LinkloomError } from '../../errors.ts';
import type { Pending } from '../../events.ts';
import { pendingFailures } from '../../plan/pending/text.ts';
import { missingBridges } from '../../plan/switch/standing.ts';
import type { Container } from '../../topology/topology.ts';
import { verb } from '../../verb-names.ts';
import { wholeNetwork } from '../network.ts';
import type { Reconciled } from '../pipeline.ts';
import type { Io } from '../request.ts';
import type { Session } from '../session.ts';
import type { Tally } from '../tally.ts';

/** Between two looks at what runs. */
const POLL_MS = 200;
/** Looks between two passes, unless nothing is missing any more: nodes that come close together are linked by one pass, which costs time that they need to start. */
const LOOKS_BETWEEN = 10;
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
  pollMs = POLL_MS,
): Promise<void> {
  const deadlineMs = performance.now() + waitMs;
  let last = await reconcile();
  const came = (): Promise<boolean> => someCame(session, last, tally.pending, { deadlineMs, pollMs }, io);
  while (tally.pending.length > 0 && (await came())) last = await reconcile();
  for (const failure of pendingFailures(tally.pending)) io.emit({ type: 'failure', failure });
  if (io.signal?.aborted && tally.pending.length > 0) {
    const waiting = counted(tally.summary.links.pending, 'link still waits', 'links still wait');
    throw new LinkloomError('E_INTERRUPTED', `interrupted: ${waiting}; all others stay`, {
      hint: `run ${verb('up')} again once the nodes run, or ${verb('down')} to take all away`,
    });
  }
}

/**
 * Whether a node runs, or a bridge of others exists, that did not before; false once the time is over and none has come. A container is
 * asked about once: the pass that follows asks about all again.
 */
async function someCame(
  session: Session,
  { network: before, snapshot, containers }: Reconciled,
  pending: readonly Pending[],
  { deadlineMs, pollMs }: { readonly deadlineMs: number; readonly pollMs: number },
  { emit, signal }: Io,
): Promise<boolean> {
  let tellMs = performance.now();
  let hasCome = false;
  let known: readonly Container[] = containers;
  const bridges = missingBridges(before, snapshot.observed, snapshot.placement);
  for (let looks = 1; performance.now() < deadlineMs && !signal?.aborted; looks++) {
    const nowMs = performance.now();
    if (nowMs >= tellMs) {
      tellMs = nowMs + TELL_MS;
      emit({ type: 'waiting', pending, leftMs: deadlineMs - nowMs });
    }
    await delay(Math.min(pollMs, Math.max(0, deadlineMs - nowMs)));
    known = await session.containers(new Map(known.map((container) => [container.id, container])));
    const { network: now } = wholeNetwork(session, known);
    hasCome = now.pending.length < before.pending.length || now.nodes.length > before.nodes.length;
    if (bridges.size > 0 && (await hasDevice(session.workers, session.host, bridges))) return true;
    if (hasCome && (looks >= LOOKS_BETWEEN || now.pending.length === 0)) return true;
  }
  return hasCome && !signal?.aborted;
}
