/** `up --wait`: nodes that do not run yet are given some time; those that run are linked at once meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import { counted } from '../counted.ts';
import { LinkloomError } from '../errors.ts';
import type { LinkCounts, Pending, Summary } from '../events.ts';
import { pendingFailures, waitingFor } from '../plan/pending/text.ts';
import type { Network } from '../topology/topology.ts';
import type { Brought } from './brought.ts';
import type { Io, Session } from './session.ts';
import { networkOf } from './stages.ts';

/** Between two looks at what runs. */
const POLL_MS = 200;
/** How often it is said again what is waited for. */
const TELL_MS = 10_000;

/**
 * Bring the lab up, and again whenever a node that was missing has come, until nothing is pending, `waitMs` are over,
 * or the signal aborts. What is waited for is told at once and every ten seconds, what is pending in the end as failures. Each
 * pass emits its own summary; the result is that of all of them. Throws what `bring` throws, and E_INTERRUPTED where
 * the signal ended the waiting.
 */
export async function withLateNodes(
  session: Session,
  waitMs: number,
  io: Io,
  bring: () => Promise<Brought>,
): Promise<Summary> {
  const deadlineMs = performance.now() + waitMs;
  let { summary, network } = await bring();
  while (summary.pending.length > 0 && (await someCame(session, network, summary.pending, deadlineMs, io))) {
    const next = await bring();
    summary = joined(summary, next.summary);
    network = next.network;
  }
  for (const failure of pendingFailures(summary.pending)) io.emit({ type: 'failure', failure });
  const { pending } = summary.links;
  if (io.signal?.aborted && summary.pending.length > 0) {
    const waiting = counted(pending, 'link still waits', 'links still wait');
    throw new LinkloomError('E_INTERRUPTED', `interrupted: ${waiting}; all others stay`, {
      hint: 'run `up` again once the nodes run, or `down` to take all away',
    });
  }
  return summary;
}

/** Whether a node runs that did not before; false once the time is over. */
async function someCame(
  session: Session,
  before: Network,
  pending: readonly Pending[],
  deadlineMs: number,
  { emit, signal }: Io,
): Promise<boolean> {
  let tellMs = performance.now();
  while (performance.now() < deadlineMs && !signal?.aborted) {
    const nowMs = performance.now();
    if (nowMs >= tellMs) {
      tellMs = nowMs + TELL_MS;
      const leftS = Math.ceil((deadlineMs - nowMs) / 1000);
      emit({ type: 'notice', message: `${waitingFor(pending)} (at most ${leftS} s)` });
    }
    await delay(Math.min(POLL_MS, Math.max(0, deadlineMs - nowMs)));
    const now = networkOf(session, await session.containers(), () => {});
    if (now.pending.length < before.pending.length || now.nodes.length > before.nodes.length) return true;
  }
  return false;
}

function joined(before: Summary, last: Summary): Summary {
  const { desired, failed, pending } = last.links;
  const created = before.links.created + last.links.created;
  const changed = before.links.changed + last.links.changed;
  const links: LinkCounts = {
    ...{ desired, created, changed, failed, pending },
    removed: before.links.removed + last.links.removed,
    unchanged: Math.max(0, desired - pending - failed - created - changed),
  };
  const timings = {
    loadMs: last.timings.loadMs,
    observeMs: before.timings.observeMs + last.timings.observeMs,
    planMs: before.timings.planMs + last.timings.planMs,
    applyMs: before.timings.applyMs + last.timings.applyMs,
    totalMs: last.timings.totalMs,
  };
  return { ...last, links, timings };
}
