/** What is not as described, when to try it again, and when to say that all links are up. */
import type { Emit, Failure, Pending } from '../events.ts';
import { waitingFor } from '../plan/pending/text.ts';
import { subjectText } from '../subject.ts';
import { LAB } from './drift/in-order.ts';
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

/** One link, bridge or namespace that failed. */
interface Ailment {
  /** The id of a container, or LAB. */
  readonly owner: string;
  /** Its owner, and whose the other end of its wire is: a new start of one of them makes it another matter. */
  readonly concerned: ReadonlySet<string>;
  /** What was said of it. */
  readonly said: ReadonlySet<string>;
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  /** The kernel was asked for it: not again before it is due. */
  readonly isPaused: boolean;
}

/** Attempts come ever more seldom, and whatever wakes a pass in between does not count as one. */
export class Health {
  /** By what failed: `NODE:DEV`, `bridge NAME`… */
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
    let next: number | null = null;
    for (const { dueAt } of this.#ailments.values()) if (next === null || dueAt < next) next = dueAt;
    return next;
  }

  /** Whom to try again now. */
  due(): Batch['scope'] {
    const now = Date.now();
    const owners = [...this.#ailments.values()].flatMap(({ owner, dueAt }) => (dueAt <= now ? [owner] : []));
    return owners.includes(LAB) ? 'all' : new Set(owners);
  }

  /** What is not to be tried now. */
  paused(): ReadonlySet<string> {
    const now = Date.now();
    return new Set(
      [...this.#ailments].flatMap(([what, { dueAt, isPaused }]) => (isPaused && dueAt > now ? [what] : [])),
    );
  }

  /** Whether something of an owner failed and waits. */
  isAiling(owner: string): boolean {
    for (const ailment of this.#ailments.values()) if (ailment.owner === owner) return true;
    return false;
  }

  /** These containers ended: what failed of them, or of a wire to them, begins anew. */
  forget(ended: Batch['gone']): void {
    for (const { id } of ended)
      for (const [what, { concerned }] of this.#ailments) if (concerned.has(id)) this.#ailments.delete(what);
  }

  /** Another configuration: everything begins anew. */
  reset(): void {
    this.#ailments.clear();
    this.#connected = false;
  }

  /** Takes in a pass. Says each failure once, and `All links connected` each time that this has become true. */
  record(outcome: Outcome): void {
    const { batch, result, running, quiet } = outcome;
    this.#forgetMended(outcome);
    for (const [id, failures] of result.failed) if (running.has(id)) this.#fail(id, failures, result);
    this.#fail(LAB, result.labFailures, result);
    this.#putOff(batch);
    const pending = result.pending ?? [];
    this.#tellWaiting(pending);
    const isWaiting = pending.some(({ subject }) => subject.kind === 'link') || (result.held?.size ?? 0) > 0;
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
    const failing = new Set([...result.failed.values(), result.labFailures].flat().map(whatFailed));
    for (const [what, { owner }] of this.#ailments) {
      const isMended = looksAt(batch.scope, owner) && !failing.has(what) && !result.held?.has(what);
      if (isMended || (owner !== LAB && !running.has(owner))) this.#ailments.delete(what);
    }
  }

  /** What was due and could not be tried, since it stands on something that is in its pause, is due later. */
  #putOff({ scope }: Batch): void {
    const now = Date.now();
    for (const [what, ailment] of this.#ailments) {
      const { dueAt, attempts, owner } = ailment;
      if (dueAt <= now && looksAt(scope, owner))
        this.#ailments.set(what, { ...ailment, dueAt: now + this.#pauseMs(attempts) });
    }
  }

  /** A pass could not be made at all: everything is tried again, none of it sooner. */
  broken(failures: readonly Failure[]): void {
    this.#connected = false;
    this.#fail(LAB, failures, {});
    const dueAt = Math.max(...failures.map((failure) => this.#ailments.get(whatFailed(failure))?.dueAt ?? 0));
    for (const [what, ailment] of this.#ailments)
      this.#ailments.set(what, { ...ailment, dueAt: Math.max(ailment.dueAt, dueAt) });
  }

  #fail(owner: string, failures: readonly Failure[], { tried }: Pick<ReconcileResult, 'tried'>): void {
    const now = Date.now();
    for (const what of new Set(failures.map(whatFailed))) {
      const old = this.#ailments.get(what);
      const told = failures.filter((failure) => whatFailed(failure) === what);
      const said = new Set(old?.said);
      for (const failure of told) {
        if (!said.has(textOf(failure))) this.#emit({ type: 'failure', failure });
        said.add(textOf(failure));
      }
      const concerned = tried?.get(what);
      // What was not even tried (something is in the way) is a further attempt only once it was due.
      const isAttempt = concerned !== undefined || old === undefined || old.dueAt <= now;
      const attempts = (old?.attempts ?? 0) + (isAttempt ? 1 : 0);
      this.#ailments.set(what, {
        owner,
        concerned: new Set([owner, ...(concerned ?? [])]),
        said: new Set(told.map(textOf)),
        attempts,
        dueAt: isAttempt ? now + this.#pauseMs(attempts) : (old?.dueAt ?? now),
        isPaused: concerned !== undefined,
      });
    }
  }

  #pauseMs(attempts: number): number {
    return Math.min(this.#timing.retryMinMs * 2 ** (attempts - 1), this.#timing.retryMaxMs);
  }
}

/** The lab's own is looked at with all of it. */
function looksAt(scope: Batch['scope'], owner: string): boolean {
  return scope === 'all' || (owner !== LAB && scope.has(owner));
}

function whatFailed({ subject }: Failure): string {
  return subjectText(subject);
}

function waitingText({ subject, links, why }: Pending): string {
  return JSON.stringify([subject, links, why]);
}

function textOf(failure: Failure): string {
  return JSON.stringify([failure.subject, failure.code, failure.message]);
}
