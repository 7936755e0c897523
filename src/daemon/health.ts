/** Which links are not as described, when to try them again, and when to say that all are. */
import type { Emit, Failure, Pending } from '../events.ts';
import { waitingFor } from '../plan/pending/text.ts';
import type { ReconcileResult } from './reconciler.ts';
import type { Batch } from './worklist.ts';

export interface Outcome {
  readonly batch: Batch;
  readonly result: ReconcileResult;
  /** Ids of the containers that run still, as they were described to the pass. */
  readonly running: ReadonlySet<string>;
  /** No further work waits. */
  readonly quiet: boolean;
}

interface Ailment {
  readonly failures: readonly Failure[];
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

/** The key of what belongs to no container. */
const LAB = '';

export class Health {
  readonly #ailments = new Map<string, Ailment>();
  readonly #timing: { readonly retryMinMs: number; readonly retryMaxMs: number };
  readonly #emit: Emit;
  #connected = false;
  #waitingSaid: ReadonlySet<string> = new Set();

  constructor(timing: { readonly retryMinMs: number; readonly retryMaxMs: number }, emit: Emit) {
    this.#timing = timing;
    this.#emit = emit;
  }

  /** When the next failed link is to be tried again; null if none failed. */
  nextRetryAt(): number | null {
    const times = [...this.#ailments.values()].map((ailment) => ailment.dueAt);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Whom to try again now. */
  due(): Batch['scope'] {
    const now = Date.now();
    const ids = [...this.#ailments].filter(([, ailment]) => ailment.dueAt <= now).map(([id]) => id);
    return ids.includes(LAB) ? 'all' : new Set(ids);
  }

  /** Takes in a pass. Says each failure once, and `All links connected` each time that this has become true. */
  record(outcome: Outcome): void {
    const { batch, result, running, quiet } = outcome;
    this.#forgetMended(outcome);
    for (const [id, failures] of result.failed) if (running.has(id)) this.#fail(id, failures);
    if (result.labFailures.length > 0) this.#fail(LAB, result.labFailures);
    else if (batch.scope === 'all') this.#ailments.delete(LAB);
    const pending = result.pending ?? [];
    this.#tellWaiting(pending);
    const isWaiting = pending.some(({ kind }) => kind === 'link');
    const whole = this.#ailments.size === 0 && !isWaiting && result.links > 0;
    const news = !this.#connected || result.changed > 0;
    this.#connected = whole && (quiet || !news);
    if (this.#connected && news) this.#emit({ type: 'notice', message: 'All links connected' });
  }

  /** What is waited for is said once for as long as it lasts. */
  #tellWaiting(pending: readonly Pending[]): void {
    const said = this.#waitingSaid;
    this.#waitingSaid = new Set(pending.map(waitingText));
    const news = pending.filter((one) => !said.has(waitingText(one)));
    if (news.length > 0) this.#emit({ type: 'notice', message: waitingFor(news) });
  }

  #forgetMended({ batch, result, running }: Outcome): void {
    for (const container of batch.gone) this.#ailments.delete(container.id);
    for (const id of [...this.#ailments.keys()]) {
      if (id === LAB) continue;
      const looked = batch.scope === 'all' || batch.scope.has(id);
      if (!running.has(id) || (looked && !result.failed.has(id))) this.#ailments.delete(id);
    }
  }

  /** A pass could not be made at all: everything is tried again, none of it sooner. */
  broken(failure: Failure): void {
    this.#connected = false;
    const dueAt = this.#fail(LAB, [failure]);
    for (const [id, ailment] of this.#ailments) {
      this.#ailments.set(id, { ...ailment, dueAt: Math.max(ailment.dueAt, dueAt) });
    }
  }

  #fail(id: string, failures: readonly Failure[]): number {
    const before = this.#ailments.get(id);
    const attempts = (before?.attempts ?? 0) + 1;
    const pauseMs = Math.min(this.#timing.retryMinMs * 2 ** (attempts - 1), this.#timing.retryMaxMs);
    const dueAt = Date.now() + pauseMs;
    this.#ailments.set(id, { failures, attempts, dueAt });
    const said = new Set((before?.failures ?? []).map(textOf));
    for (const failure of failures) if (!said.has(textOf(failure))) this.#emit({ type: 'failure', failure });
    return dueAt;
  }
}

function waitingText({ node, links, why }: Pending): string {
  return JSON.stringify([node, links, why]);
}

function textOf(failure: Failure): string {
  return JSON.stringify([failure.link, failure.code, failure.message]);
}
