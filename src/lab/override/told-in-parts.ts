/** Work that is done part by part is told of as one. */
import type { Emit, Event, Stage } from '../../events.ts';

type Progress = Extract<Event, { type: 'progress' }>;

export class ToldInParts {
  readonly #emit: Emit;
  readonly #total: number;
  #before = { done: 0, failed: 0 };
  #last = { done: 0, failed: 0 };
  readonly #stages = new Map<Stage, number>();

  /** `total`: how many operations all parts come to, as far as it is known. */
  constructor(emit: Emit, total: number) {
    this.#emit = emit;
    this.#total = total;
  }

  /** Takes the events of the next part. */
  part(): Emit {
    const { done, failed } = this.#before;
    this.#before = { done: done + this.#last.done, failed: failed + this.#last.failed };
    this.#last = { done: 0, failed: 0 };
    return (event) => {
      if (event.type === 'progress') this.#progress(event);
      else if (event.type !== 'stage') this.#emit(event);
      else if (event.state === 'end')
        this.#stages.set(event.stage, (this.#stages.get(event.stage) ?? 0) + event.elapsedMs);
    };
  }

  /** Tells how long the stages of all parts took. */
  end(): void {
    for (const [stage, elapsedMs] of this.#stages) {
      this.#emit({ type: 'stage', stage, state: 'begin', elapsedMs: 0 });
      this.#emit({ type: 'stage', stage, state: 'end', elapsedMs });
    }
  }

  #progress(event: Progress): void {
    this.#last = event;
    const done = this.#before.done + event.done;
    this.#emit({
      type: 'progress',
      what: event.what,
      done,
      total: Math.max(this.#total, done),
      failed: this.#before.failed + event.failed,
    });
  }
}
