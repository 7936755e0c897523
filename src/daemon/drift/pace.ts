/** How soon what somebody changes again and again is mended again. */
import type { Emit } from '../../events.ts';
import type { Batch } from '../worklist.ts';
import { LAB } from './in-order.ts';

interface Mended {
  readonly owner: string;
  /** How often, each soon after the one before. */
  readonly times: number;
  readonly lastAt: number;
  readonly pauseMs: number;
}

export interface PaceTiming {
  /** A change is looked at after this time: often it is the end of a container, of which its engine tells a moment later. */
  readonly settleMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

/** A change is looked at soon; but what is changed again soon after it was put back waits, each time twice as long. */
export class Pace implements Disposable {
  /** By `NODE:DEV` or `bridge NAME`. */
  readonly #mended = new Map<string, Mended>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #timing: PaceTiming;
  readonly #look: (scope: Batch['scope']) => void;
  readonly #emit: Emit;

  constructor(timing: PaceTiming, look: (scope: Batch['scope']) => void, emit: Emit) {
    this.#timing = timing;
    this.#look = look;
    this.#emit = emit;
  }

  /** Something of these changed. */
  noticed(scope: Batch['scope']): void {
    if (scope === 'all') this.#lookSoon(LAB, 'all');
    else for (const id of scope) this.#lookSoon(id, new Set([id]));
  }

  /** What had drifted and was put back just now, and whose it is. */
  mended(drifted: ReadonlyMap<string, string>): void {
    const now = Date.now();
    this.#forget(now);
    for (const [what, owner] of drifted) {
      const times = (this.#mended.get(what)?.times ?? 0) + 1;
      const pauseMs = times === 1 ? 0 : this.#pauseMs(times);
      this.#mended.set(what, { owner, times, lastAt: now, pauseMs });
      if (times === 1) continue;
      const message = `${what} is changed again and again (${times} times): it is left so for ${pauseMs} ms at least`;
      this.#emit({ type: 'notice', message });
    }
  }

  [Symbol.dispose](): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #pauseMs(times: number): number {
    const { retryMinMs, retryMaxMs } = this.#timing;
    return Math.min(retryMinMs * 2 ** Math.max(0, times - 2), retryMaxMs);
  }

  /** What has kept for long enough starts anew. */
  #forget(now: number): void {
    for (const [what, { lastAt, times }] of this.#mended) {
      if (now - lastAt > 4 * this.#pauseMs(times)) this.#mended.delete(what);
    }
  }

  #lookSoon(id: string, scope: Batch['scope']): void {
    if (this.#waiting.has(id)) return;
    const waitMs = Math.max(this.#timing.settleMs, this.#freeAt(id) - Date.now());
    if (waitMs <= 0) return this.#look(scope);
    const timer = setTimeout(() => {
      this.#waiting.delete(id);
      this.#look(scope);
    }, waitMs);
    this.#waiting.set(id, timer);
  }

  #freeAt(owner: string): number {
    let freeAt = 0;
    for (const one of this.#mended.values())
      if (one.owner === owner) freeAt = Math.max(freeAt, one.lastAt + one.pauseMs);
    return freeAt;
  }
}
