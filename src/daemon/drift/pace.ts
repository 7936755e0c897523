/** Decides how soon drift is put back: at once, and with exponential backoff where somebody makes the same change again and again. */
import type { Emit } from '../../events.ts';
import type { Batch } from '../worklist.ts';
import { LAB } from './in-order.ts';

interface Mended {
  readonly owner: string;
  /** How often it was put back, each time soon after the one before. */
  readonly times: number;
  readonly lastAt: number;
  readonly pauseMs: number;
}

export interface PaceTiming {
  /** The daemon looks at a change after this time. Often the change is the end of a container, which its engine tells a moment later. */
  readonly settleMs: number;
  /** The first pause. Also the time after which a change is looked at while something of the same owner is paused. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

/** Whether something else of the owner is paused. */
type Waits = (owner: string) => boolean;

/**
 * The daemon looks at a change soon. But what is changed again soon after it was put back is paused, each time twice as long, and no
 * pass puts it back meanwhile (`paused`).
 */
export class Pace implements Disposable {
  /** By `NODE:DEV` or `bridge NAME`. */
  readonly #mended = new Map<string, Mended>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #timing: PaceTiming;
  readonly #look: (scope: Batch['scope']) => void;
  readonly #emit: Emit;
  readonly #alsoWaits: Waits;

  constructor(timing: PaceTiming, look: (scope: Batch['scope']) => void, emit: Emit, alsoWaits: Waits = () => false) {
    this.#timing = timing;
    this.#look = look;
    this.#emit = emit;
    this.#alsoWaits = alsoWaits;
  }

  /** The monitor heard a change that concerns these containers. */
  noticed(scope: Batch['scope']): void {
    const waitMs = (owner: string): number =>
      this.#freeAt(owner) > Date.now() || this.#alsoWaits(owner) ? this.#timing.retryMinMs : this.#timing.settleMs;
    if (scope === 'all') this.#lookIn(waitMs(LAB), LAB);
    else for (const id of scope) this.#lookIn(waitMs(id), id);
  }

  /** The subjects that are not put back now. */
  paused(): ReadonlySet<string> {
    const now = Date.now();
    return new Set([...this.#mended].flatMap(([what, { lastAt, pauseMs }]) => (lastAt + pauseMs > now ? [what] : [])));
  }

  /** A pass put these subjects back; each with its owner. */
  mended(drifted: ReadonlyMap<string, string>): void {
    const now = Date.now();
    this.#forgetKept(now);
    for (const [what, owner] of drifted) {
      const times = (this.#mended.get(what)?.times ?? 0) + 1;
      const pauseMs = times === 1 ? 0 : this.#pauseMs(times);
      this.#mended.set(what, { owner, times, lastAt: now, pauseMs });
      if (times === 1) continue;
      const message = `${what} is changed again and again (${times} times): it is left so for ${pauseMs} ms at least`;
      this.#emit({ type: 'notice', message });
    }
  }

  /** A pass left these subjects as they are: they are looked at again when their pause is over. */
  held(what: ReadonlySet<string>): void {
    const now = Date.now();
    for (const one of what) {
      const mended = this.#mended.get(one);
      if (mended !== undefined && mended.lastAt + mended.pauseMs > now) {
        this.#lookIn(this.#freeAt(mended.owner) - now, `${mended.owner} ${one}`, mended.owner);
      }
    }
  }

  /** Containers that ended: what was changed in them is forgotten. */
  forget(ended: Batch['gone']): void {
    const ids = new Set(ended.map(({ id }) => id));
    for (const [what, { owner }] of this.#mended) if (ids.has(owner)) this.#mended.delete(what);
  }

  /** The configuration was reloaded: all is forgotten. */
  reset(): void {
    this.#mended.clear();
  }

  [Symbol.dispose](): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #pauseMs(times: number): number {
    const { retryMinMs, retryMaxMs } = this.#timing;
    return Math.min(retryMinMs * 2 ** Math.max(0, times - 2), retryMaxMs);
  }

  /** Forgets what nobody has changed for long enough. */
  #forgetKept(now: number): void {
    for (const [what, { lastAt, times }] of this.#mended) {
      if (now - lastAt > 4 * this.#pauseMs(times)) this.#mended.delete(what);
    }
  }

  #lookIn(waitMs: number, key: string, owner: string = key): void {
    if (this.#waiting.has(key)) return;
    const scope = owner === LAB ? 'all' : new Set([owner]);
    if (waitMs <= 0) return this.#look(scope);
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      this.#look(scope);
    }, waitMs);
    this.#waiting.set(key, timer);
  }

  #freeAt(owner: string): number {
    let freeAt = 0;
    for (const one of this.#mended.values())
      if (one.owner === owner) freeAt = Math.max(freeAt, one.lastAt + one.pauseMs);
    return freeAt;
  }
}
