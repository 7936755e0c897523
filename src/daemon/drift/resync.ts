/** Makes the periodic resync. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine } from '../../runtime/engine.ts';
import { orAborted } from '../or-aborted.ts';
import type { Registry } from '../registry.ts';
import type { Worklist } from '../worklist.ts';

/** The largest share of the time that resync passes may take in an idle lab. A pass over 10,000 links takes a second. */
const RESYNC_SHARE = 1 / 500;
const RESYNC_PAUSE_MAX_MS = 900_000;

interface Resync {
  readonly engines: Iterable<ContainerEngine>;
  readonly registry: Registry;
  readonly work: Worklist;
  readonly everyMs: number;
  /** How long a pass over the whole lab takes if it changes nothing. */
  readonly cost: { readonly wholePassMs: number };
  readonly signal: AbortSignal;
}

/** Makes a pass over the whole lab at intervals, because events may have been lost and changes may not have been heard. */
export async function resync({ engines, registry, work, everyMs, cost, signal }: Resync): Promise<void> {
  let lookedMs = performance.now();
  while (!signal.aborted) {
    await delay(everyMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    // If an engine does not answer, the task that follows it deals with that.
    const looks = Promise.all([...engines].map((engine) => registry.compare(engine).catch(() => {})));
    if ((await orAborted(looks, signal)) === null) return;
    const pauseMs = Math.min(cost.wholePassMs / RESYNC_SHARE, RESYNC_PAUSE_MAX_MS);
    if (performance.now() - lookedMs < pauseMs) continue;
    lookedMs = performance.now();
    work.touchAll();
  }
}
