/** What the hosts tell, followed for as long as a verb waits for them. */

import type { HostView } from '../../cluster/state.ts';
import { readHosts } from '../../cluster/states.ts';
import type { Store } from '../../cluster/store.ts';
import { LinkloomError } from '../../errors.ts';

/** After a change it is looked once for all that came together. */
const QUIET_MS = 50;

export interface WaitOptions {
  readonly untilMs: number;
  readonly signal: AbortSignal;
  /** Whether it is over. Called with what the hosts say, whenever that changes. */
  readonly isDone: (views: readonly HostView[]) => boolean;
}

/** Returns what the hosts say when `isDone`, or at the end of the time (of `performance.now()`). Throws E_INTERRUPTED; E_STORE at that end. */
export async function waitForHosts(
  store: Store,
  { untilMs, signal, isDone }: WaitOptions,
): Promise<readonly HostView[]> {
  const end = new AbortController();
  const either = AbortSignal.any([signal, end.signal]);
  let isNews = true;
  let wake = (): void => {};
  const note = (): void => {
    isNews = true;
    wake();
  };
  const following = (['state', 'lease'] as const).map((bucket) => store.follow(bucket, '', note, { signal: either }));
  either.addEventListener('abort', note, { once: true });
  try {
    for (;;) {
      const left = untilMs - performance.now();
      if (!isNews && left > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(left, 2000));
          wake = () => {
            clearTimeout(timer);
            setTimeout(resolve, QUIET_MS);
          };
        });
      }
      if (signal.aborted)
        throw new LinkloomError('E_INTERRUPTED', 'interrupted: what was written stays, and the hosts go on with it');
      isNews = false;
      const views = await readIfThere(store, untilMs);
      if (views !== null && (isDone(views) || performance.now() >= untilMs)) return views;
    }
  } finally {
    end.abort();
    await Promise.all(following);
  }
}

/** null: the store is silent, and there is time left in which it may answer again. */
async function readIfThere(store: Store, untilMs: number): Promise<readonly HostView[] | null> {
  try {
    return await readHosts(store);
  } catch (error) {
    const isPassing = error instanceof LinkloomError && error.code === 'E_STORE';
    if (isPassing && performance.now() < untilMs) return null;
    throw error;
  }
}
