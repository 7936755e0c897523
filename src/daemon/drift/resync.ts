/** Looking everything over now and then. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine } from '../../runtime/engine.ts';
import { orAborted } from '../or-aborted.ts';
import type { Registry } from '../registry.ts';
import type { Worklist } from '../worklist.ts';

/** Looking over a lab in which nothing happens may take this part of the time at most: 10,000 links take a second to look over. */
const RESYNC_SHARE = 1 / 500;
const RESYNC_PAUSE_MAX_MS = 900_000;

interface Resync {
  readonly engines: Iterable<ContainerEngine>;
  readonly registry: Registry;
  readonly work: Worklist;
  readonly everyMs: number;
  /** What a look at the whole lab takes in which all is in order. */
  readonly cost: { readonly wholePassMs: number };
  readonly signal: AbortSignal;
}

/** Looks everything over now and then: events may have been lost, and links are changed from outside. */
export async function resync({ engines, registry, work, everyMs, cost, signal }: Resync): Promise<void> {
  let lookedMs = performance.now();
  while (!signal.aborted) {
    await delay(everyMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    // An engine that does not answer is its follower's business.
    const looks = Promise.all([...engines].map((engine) => registry.compare(engine).catch(() => {})));
    if ((await orAborted(looks, signal)) === null) return;
    const pauseMs = Math.min(cost.wholePassMs / RESYNC_SHARE, RESYNC_PAUSE_MAX_MS);
    if (performance.now() - lookedMs < pauseMs) continue;
    lookedMs = performance.now();
    work.touchAll();
  }
}
