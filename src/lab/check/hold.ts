/** Tries a check again until it holds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { secondsText } from '../../check/words.ts';

/** Time between two tries. */
const PAUSE_MS = { least: 100, most: 1000 } as const;

export interface Patience {
  /** How long it is tried again. */
  readonly withinMs: number;
  /** How long it must hold without a break. */
  readonly forMs: number;
  /** When all checks are over, by `performance.now()`. */
  readonly untilMs: number;
  readonly signal: AbortSignal | null;
}

/**
 * Returns null once what is tried has held for `forMs`, or why it did not: what the last try that failed says. A try returns null where it
 * holds. What holds at the end of `withinMs` is watched on until `forMs` is over.
 */
export async function hold(patience: Patience, attempt: () => Promise<string | null>): Promise<string | null> {
  const { withinMs, untilMs, signal } = patience;
  const deadlineMs = Math.min(performance.now() + withinMs, untilMs);
  let heldSinceMs: number | null = null;
  for (let pauseMs: number = PAUSE_MS.least; ; pauseMs = Math.min(pauseMs * 1.5, PAUSE_MS.most)) {
    const begunMs = performance.now();
    const why = await attempt();
    heldSinceMs = why === null ? (heldSinceMs ?? begunMs) : null;
    const { end, leftMs } = verdict(patience, deadlineMs, heldSinceMs, why);
    if (end !== undefined) return end;
    const aborting = signal === null ? {} : { signal };
    await sleep(Math.max(0, Math.min(pauseMs, leftMs)), undefined, aborting).catch(() => {});
  }
}

/** `end` undefined: it is to be tried again, and there are `leftMs` for that. */
function verdict(
  { forMs, untilMs, signal }: Patience,
  deadlineMs: number,
  heldSinceMs: number | null,
  why: string | null,
): { readonly end?: string | null; readonly leftMs: number } {
  const nowMs = performance.now();
  if (heldSinceMs === null) {
    const isOver = nowMs >= deadlineMs || signal?.aborted === true;
    return { ...(isOver && { end: why }), leftMs: deadlineMs - nowMs };
  }
  const heldMs = nowMs - heldSinceMs;
  if (heldMs >= forMs) return { end: null, leftMs: 0 };
  const isCut = nowMs >= untilMs || signal?.aborted === true;
  const end = `it held for ${secondsText(heldMs)} only, and not ${secondsText(forMs)}`;
  return { ...(isCut && { end }), leftMs: Math.min(forMs - heldMs, untilMs - nowMs) };
}
