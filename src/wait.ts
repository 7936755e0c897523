/** `up --wait`: nodes that do not run yet are given some time; those that run are linked at once meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import { LinkloomError } from './errors.ts';
import type { LinkCounts, Summary } from './events.ts';
import type { Io, Session } from './session.ts';
import { networkOf } from './stages.ts';

/** Between two looks at what runs. */
const POLL_MS = 200;

/**
 * Bring the lab up, and again whenever a node that was missing has come, until none is missing, `waitMs` are over,
 * or the signal aborts. Each pass emits its own summary; the result is that of all of them. Throws what `bring`
 * throws, and E_INTERRUPTED where the signal ended the waiting.
 */
export async function withLateNodes(
  session: Session,
  waitMs: number,
  io: Io,
  bring: (session: Session, io: Io) => Promise<Summary>,
): Promise<Summary> {
  const deadlineMs = performance.now() + waitMs;
  let summary = await bring(session, io);
  while (summary.links.pending > 0 && (await someCame(session, summary.links.pending, deadlineMs, io.signal))) {
    summary = joined(summary, await bring(session, io));
  }
  const { pending } = summary.links;
  if (io.signal?.aborted && pending > 0) {
    throw new LinkloomError(
      'E_INTERRUPTED',
      `interrupted: ${pending} links still wait for their nodes; all others stay`,
      {
        hint: 'run `up` again once the nodes run, or `down` to take all away',
      },
    );
  }
  return summary;
}

/** Whether fewer links wait than before; false once the time is over. */
async function someCame(
  session: Session,
  pending: number,
  deadlineMs: number,
  signal: AbortSignal | null,
): Promise<boolean> {
  while (performance.now() < deadlineMs && !signal?.aborted) {
    await delay(Math.min(POLL_MS, Math.max(0, deadlineMs - performance.now())));
    const network = networkOf(session, await session.containers(), () => {});
    if (network.pending.reduce((sum, { links }) => sum + links, 0) < pending) return true;
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
