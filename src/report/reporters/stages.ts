/** What stages are called while they last, and which of a run took longest. */
import type { Event, Stage } from '../../events.ts';

export const STAGE_NOW: Readonly<Record<Stage, string>> = {
  load: 'loading',
  observe: 'observing',
  plan: 'planning',
  apply: 'applying',
  carriers: 'waiting until the links carry',
  verify: 'proving',
  check: 'checking',
  end: 'ending programs',
  find: 'looking for what the lab has',
  remove: 'removing',
  dismantle: 'waiting until the kernel has taken it apart',
  containers: 'removing containers',
};

/** Adds up the times of stages; of one within another the time is its own alone. */
export class StageTimes {
  readonly #times = new Map<Stage, number>();
  readonly #open: { readonly stage: Stage; innerMs: number }[] = [];

  note({ stage, state, elapsedMs }: Extract<Event, { type: 'stage' }>): void {
    if (state === 'begin') {
      this.#open.push({ stage, innerMs: 0 });
      return;
    }
    const at = this.#open.findLastIndex((one) => one.stage === stage);
    const [ended] = at < 0 ? [] : this.#open.splice(at, 1);
    const outer = this.#open[at - 1];
    if (outer !== undefined) outer.innerMs += elapsedMs;
    const ownMs = Math.max(0, elapsedMs - (ended?.innerMs ?? 0));
    this.#times.set(stage, (this.#times.get(stage) ?? 0) + ownMs);
  }

  /** The stage that took longest. null: there was none. */
  get slowest(): { readonly stage: Stage; readonly elapsedMs: number } | null {
    let slowest: { readonly stage: Stage; readonly elapsedMs: number } | null = null;
    for (const [stage, elapsedMs] of this.#times)
      if (slowest === null || elapsedMs > slowest.elapsedMs) slowest = { stage, elapsedMs };
    return slowest;
  }
}
