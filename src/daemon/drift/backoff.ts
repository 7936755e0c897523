/** Decides how soon drift is repaired: at once, or with exponential backoff if somebody makes the same change again and again. */
import type { Emit } from '../../events.ts';
import type { Batch } from '../worklist.ts';
import type { Owner } from './detector.ts';

interface Repair {
  readonly owner: Owner;
  /** How often the subject was repaired, each time soon after the last. */
  readonly times: number;
  readonly lastAt: number;
  readonly pauseMs: number;
}

export interface BackoffTiming {
  /**
   * The time from a change in the kernel to the pass that looks at it. Often the cause is the end of a container, which the engine
   * reports a moment later.
   */
  readonly driftDelayMs: number;
  /**
   * The first pause. It is also the time from a change to the pass that looks at it, while another subject of the same owner is
   * paused.
   */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

/** Whether something that belongs to the owner is paused for another reason. */
type Waits = (owner: Owner) => boolean;

/**
 * Starts a pass soon after a change. A subject that is changed again soon after its repair is paused, each time twice as long, and
 * no pass repairs it until then (`paused`).
 */
export class DriftBackoff implements Disposable {
  /** The recent repairs, by `NODE:DEV` or `bridge NAME`. */
  readonly #repairs = new Map<string, Repair>();
  /** Timers by owner, or by `OWNER SUBJECT` for a postponed subject. */
  readonly #waiting = new Map<Owner, NodeJS.Timeout>();
  readonly #timing: BackoffTiming;
  readonly #look: (scope: Batch['scope']) => void;
  readonly #emit: Emit;
  readonly #alsoWaits: Waits;

  constructor(
    timing: BackoffTiming,
    look: (scope: Batch['scope']) => void,
    emit: Emit,
    alsoWaits: Waits = () => false,
  ) {
    this.#timing = timing;
    this.#look = look;
    this.#emit = emit;
    this.#alsoWaits = alsoWaits;
  }

  /** The monitor heard a change that concerns these containers. */
  noticed(scope: Batch['scope']): void {
    const waitMs = (owner: Owner): number =>
      this.#freeAt(owner) > Date.now() || this.#alsoWaits(owner) ? this.#timing.retryMinMs : this.#timing.driftDelayMs;
    if (scope === 'all') this.#lookIn(waitMs(null), null);
    else for (const id of scope) this.#lookIn(waitMs(id), id);
  }

  /** The subjects that are not to be repaired now. */
  paused(): ReadonlySet<string> {
    const now = Date.now();
    return new Set([...this.#repairs].flatMap(([what, { lastAt, pauseMs }]) => (lastAt + pauseMs > now ? [what] : [])));
  }

  /** A pass has repaired these subjects; each comes with its owner. */
  repaired(drifted: ReadonlyMap<string, Owner>): void {
    const now = Date.now();
    this.#forgetKept(now);
    for (const [what, owner] of drifted) {
      const times = (this.#repairs.get(what)?.times ?? 0) + 1;
      const pauseMs = times === 1 ? 0 : this.#pauseMs(times);
      this.#repairs.set(what, { owner, times, lastAt: now, pauseMs });
      if (times === 1) continue;
      this.#emit({ type: 'contested', what, times, pauseMs });
    }
  }

  /** A pass has postponed these subjects. Another pass looks at them when their pause is over. */
  postponed(what: ReadonlySet<string>): void {
    const now = Date.now();
    for (const one of what) {
      const repair = this.#repairs.get(one);
      if (repair !== undefined && repair.lastAt + repair.pauseMs > now) {
        this.#lookIn(this.#freeAt(repair.owner) - now, `${repair.owner ?? 'lab'} ${one}`, repair.owner);
      }
    }
  }

  /** Forgets the repairs in containers that have ended. */
  forget(ended: Batch['gone']): void {
    const ids = new Set(ended.map(({ id }) => id));
    for (const [what, { owner }] of this.#repairs) if (owner !== null && ids.has(owner)) this.#repairs.delete(what);
  }

  /** Forgets all repairs, since the configuration was reloaded. */
  reset(): void {
    this.#repairs.clear();
  }

  [Symbol.dispose](): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #pauseMs(times: number): number {
    const { retryMinMs, retryMaxMs } = this.#timing;
    return Math.min(retryMinMs * 2 ** Math.max(0, times - 2), retryMaxMs);
  }

  /** Forgets subjects that nobody has changed for long enough. */
  #forgetKept(now: number): void {
    for (const [what, { lastAt, times }] of this.#repairs) {
      if (now - lastAt > 4 * this.#pauseMs(times)) this.#repairs.delete(what);
    }
  }

  #lookIn(waitMs: number, key: Owner, owner: Owner = key): void {
    if (this.#waiting.has(key)) return;
    const scope = owner === null ? 'all' : new Set([owner]);
    if (waitMs <= 0) return this.#look(scope);
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      this.#look(scope);
    }, waitMs);
    this.#waiting.set(key, timer);
  }

  #freeAt(owner: Owner): number {
    let freeAt = 0;
    for (const one of this.#repairs.values())
      if (one.owner === owner) freeAt = Math.max(freeAt, one.lastAt + one.pauseMs);
    return freeAt;
  }
}
