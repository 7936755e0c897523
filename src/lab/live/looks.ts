/** Looks at a lab and its configuration again and again: soon after a change, and now and then. */
import { setTimeout as delay } from 'node:timers/promises';

export interface LooksOptions {
  /** Looks once. True: what it found is to be looked at again soon. Must not throw. */
  readonly look: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** From a change to the look at it: several changes often come together. */
const DELAY_MS = 100;
/** From a look to the next one that it asked for. */
const AGAIN_MS = 500;
/** A look is followed by a pause that is so many times as long, so that a large lab that changes all the time is not looked at all the time. */
const PAUSE_FACTOR = 3;
const PAUSE_MAX_MS = 5_000;
/** Without a change: not all that can differ is told by the kernel. */
const REST_MS = 30_000;
/** In a lab of 10,000 links a look takes a second. */
const REST_FACTOR = 500;

export class Looks {
  readonly #options: LooksOptions;
  #dueMs: number | null = null;
  #wake: () => void = () => {};

  constructor(options: LooksOptions) {
    this.#options = options;
  }

  /** Something has changed. */
  changed(): void {
    this.#due(DELAY_MS);
  }

  /** Looks until the signal aborts. */
  async run(): Promise<void> {
    const { signal, look } = this.#options;
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const beganMs = performance.now();
      if (await look()) this.#due(AGAIN_MS);
      const costMs = performance.now() - beganMs;
      // The first look takes much longer than those that follow.
      const pauseMs = isFirst ? 0 : Math.min(costMs * PAUSE_FACTOR, PAUSE_MAX_MS);
      await delay(pauseMs, undefined, { signal }).catch(() => {});
      await this.#untilDue(performance.now() + Math.max(REST_MS, costMs * REST_FACTOR));
    }
  }

  #due(inMs: number): void {
    this.#dueMs ??= performance.now() + inMs;
    this.#wake();
  }

  async #untilDue(latestMs: number): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const nowMs = performance.now();
      const dueMs = Math.min(this.#dueMs ?? latestMs, latestMs);
      if (nowMs >= dueMs) break;
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await delay(dueMs - nowMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {});
    }
    this.#dueMs = null;
  }
}
