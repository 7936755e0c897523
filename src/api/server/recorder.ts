/** Keeps what metrics are made of, from the first pass on. It costs little, since nobody may ever ask. */
import type { LabControl } from '../../daemon/asked/control.ts';
import type { Stage } from '../../events.ts';
import { outcomeOf } from '../../lab/outcome.ts';
import type { Reconciled } from '../../lab/pipeline.ts';

export type LinkState = 'up' | 'waits' | 'failed' | 'skipped';

/** How long a stage of a pass took. */
export interface Duration {
  readonly stage: Timed;
  readonly seconds: number;
}

/** `rtnl`: a change of nothing, which waits for the kernel's lock alone. */
type Timed = Stage | 'rtnl';

/** So many durations are kept until somebody asks: a day's of a lab in which nothing happens. */
const KEPT = 10_000;

export class Recorder implements Disposable {
  readonly #observed: Disposable;
  /** `NODE:DEV` → its state after the last pass that was about it. */
  readonly #links = new Map<string, LinkState>();
  #durations: Duration[] = [];
  #onFull: () => void = () => {};
  #passes = 0;
  #revision = 0;

  constructor(control: LabControl) {
    this.#observed = control.observe((reconciled) => this.#add(reconciled, control));
  }

  /** How many links there are of each state. */
  get links(): ReadonlyMap<LinkState, number> {
    const counts = new Map<LinkState, number>([
      ['up', 0],
      ['waits', 0],
      ['failed', 0],
      ['skipped', 0],
    ]);
    for (const state of this.#links.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return counts;
  }

  /** The durations since the last call. */
  takeDurations(): readonly Duration[] {
    const taken = this.#durations;
    this.#durations = [];
    return taken;
  }

  /** Calls `take` when there are too many to be kept, so that they go where they are counted. */
  whenFull(take: () => void): void {
    this.#onFull = take;
  }

  get passes(): number {
    return this.#passes;
  }

  [Symbol.dispose](): void {
    this.#observed[Symbol.dispose]();
  }

  #add({ isWhole, ended, plan, execution, observeMs, planMs }: Reconciled, control: LabControl): void {
    this.#passes += 1;
    if (isWhole) this.#links.clear();
    for (const { id } of ended) this.#links.delete(id);
    for (const planned of plan.links) {
      const outcome = outcomeOf(planned, execution);
      const isOther = outcome === 'waits' || outcome === 'failed' || outcome === 'skipped';
      this.#links.set(planned.link, isOther ? outcome : 'up');
    }
    const { revision, loadMs } = control.session();
    if (revision !== this.#revision) this.#time('load', loadMs);
    this.#revision = revision;
    this.#time('observe', observeMs);
    this.#time('plan', planMs);
    this.#time('apply', execution.applyMs);
    void this.#timeRtnl(control);
  }

  /** After each pass, when others may be at work. A worker that has ended meanwhile measures nothing. */
  async #timeRtnl(control: LabControl): Promise<void> {
    const asked = control.session().workers.ask({ task: 'rtnl' });
    const { waitMs } = await asked.catch(() => ({ waitMs: null }));
    if (waitMs !== null) this.#time('rtnl', waitMs);
  }

  #time(stage: Timed, ms: number): void {
    this.#durations.push({ stage, seconds: ms / 1000 });
    if (this.#durations.length === KEPT) this.#onFull();
  }
}
