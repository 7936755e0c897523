/**
 * How long the store may be silent before whoever waits for it gives up. A verb has that time once for all that it does: connecting,
 * asking and waiting are not given it one after the other.
 */
export class Endurance {
  readonly limitMs: number;
  /** Of silences that are over. */
  #spentMs = 0;
  /** The end of the last silence. */
  #answeredMs = 0;
  #silentSinceMs: number | null = null;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  /** How much of it is left at a time of `performance.now()`; 0: it is over. */
  leftMs(nowMs: number): number {
    const silentMs = this.#silentSinceMs === null ? 0 : nowMs - this.#silentSinceMs;
    return Math.max(0, this.limitMs - this.#spentMs - silentMs);
  }

  /** A try that was begun at that time has failed. Tries at the same time are one silence. */
  failed(begunMs: number): void {
    this.#silentSinceMs ??= Math.max(begunMs, this.#answeredMs);
  }

  answered(nowMs: number): void {
    if (this.#silentSinceMs !== null) this.#spentMs += nowMs - this.#silentSinceMs;
    this.#silentSinceMs = null;
    this.#answeredMs = nowMs;
  }
}
