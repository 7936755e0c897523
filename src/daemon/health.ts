/** Keeps track of which links have failed and when each is tried again, and says when all links are connected. */
import type { Emit, Failure, Pending } from '../events.ts';
import { subjectText } from '../subject.ts';
import type { Owner } from './drift/detector.ts';
import type { ReconcileResult } from './reconciler.ts';
import type { Batch } from './worklist.ts';

export interface Outcome {
  readonly batch: Batch;
  readonly result: ReconcileResult;
  /** Ids of the containers that the pass was given and that still run, in the same process. */
  readonly running: ReadonlySet<string>;
  /** Whether the work queue is empty. */
  readonly quiet: boolean;
}

/** A link, bridge or namespace that failed and is to be tried again. */
interface Failing {
  readonly owner: Owner;
  /** The owner, and the container at the other end of the wire. When one of them starts again, earlier attempts no longer count. */
  readonly concerned: ReadonlySet<Owner>;
  /** The failures of it that have been reported, as text. */
  readonly said: ReadonlySet<string>;
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  /** Whether the kernel was asked to make it. If so, the kernel is not asked again before `dueAt`. */
  readonly isPaused: boolean;
}

/** Retries failed links with exponential backoff. A pass that was started for another reason does not count as an attempt. */
export class Health {
  /** By the subject that failed: `NODE:DEV`, `bridge NAME`… */
  readonly #failing = new Map<string, Failing>();
  readonly #timing: { readonly retryMinMs: number; readonly retryMaxMs: number };
  readonly #emit: Emit;
  #connected = false;
  #isPassed = false;
  #retries = 0;
  #waiting: readonly string[] = [];
  #waitingSaid: ReadonlySet<string> = new Set();

  constructor(timing: { readonly retryMinMs: number; readonly retryMaxMs: number }, emit: Emit) {
    this.#timing = timing;
    this.#emit = emit;
  }

  /** When the next failed link is tried again, in milliseconds since the epoch; null if none has failed. */
  nextRetryAt(): number | null {
    let next: number | null = null;
    for (const { dueAt } of this.#failing.values()) if (next === null || dueAt < next) next = dueAt;
    return next;
  }

  /** The owners of the subjects that are due to be tried again. */
  due(): Batch['scope'] {
    const now = Date.now();
    const owners = [...this.#failing.values()].flatMap(({ owner, dueAt }) => (dueAt <= now ? [owner] : []));
    const ids = owners.filter((owner) => owner !== null);
    return ids.length < owners.length ? 'all' : new Set(ids);
  }

  /** The subjects whose next attempt is not due yet. */
  paused(): ReadonlySet<string> {
    const now = Date.now();
    return new Set(
      [...this.#failing].flatMap(([what, { dueAt, isPaused }]) => (isPaused && dueAt > now ? [what] : [])),
    );
  }

  /** Whether something that belongs to the owner has failed and will be tried again. */
  hasFailure(owner: Owner): boolean {
    for (const one of this.#failing.values()) if (one.owner === owner) return true;
    return false;
  }

  /** Forgets the failures of links of containers that have ended, and of wires to them. */
  forget(ended: Batch['gone']): void {
    for (const { id } of ended)
      for (const [what, { concerned }] of this.#failing) if (concerned.has(id)) this.#failing.delete(what);
  }

  /** Everything is due to be tried again. */
  hasten(): void {
    const now = Date.now();
    for (const [what, one] of this.#failing) this.#failing.set(what, { ...one, dueAt: now, isPaused: false });
  }

  /** What of the lab's condition shows in its passes. */
  get condition(): {
    readonly isPassed: boolean;
    readonly failing: readonly string[];
    readonly waiting: readonly string[];
    readonly retries: number;
  } {
    return {
      isPassed: this.#isPassed,
      failing: [...this.#failing.keys()],
      waiting: this.#waiting,
      retries: this.#retries,
    };
  }

  /** Forgets all failures, since the configuration was reloaded. */
  reset(): void {
    this.#failing.clear();
    this.#connected = false;
  }

  /** Records the result of a pass. Reports each failure once, and that all links are connected each time that this becomes true. */
  record(outcome: Outcome): void {
    const { batch, result, running, quiet } = outcome;
    this.#forgetRepaired(outcome);
    for (const [id, failures] of result.failed) if (running.has(id)) this.#fail(id, failures, result);
    this.#fail(null, result.labFailures, result);
    this.#putOff(batch);
    const pending = result.pending ?? [];
    this.#tellWaiting(pending);
    this.#isPassed = true;
    const ofLinks = pending.filter(({ subject }) => subject.kind === 'link').flatMap(({ links }) => links);
    this.#waiting = [...new Set([...ofLinks, ...(result.postponed ?? [])])];
    const isWaiting = this.#waiting.length > 0;
    const whole = this.#failing.size === 0 && !isWaiting && result.links > 0;
    const news = !this.#connected || result.changed > 0;
    this.#connected = whole && (quiet || !news);
    if (this.#connected && news) this.#emit({ type: 'connected' });
  }

  /** Reports what the lab waits for: each thing once, for as long as it is missing. */
  #tellWaiting(pending: readonly Pending[]): void {
    const said = this.#waitingSaid;
    this.#waitingSaid = new Set(pending.map(waitingText));
    const news = pending.filter((one) => !said.has(waitingText(one)));
    if (news.length > 0) this.#emit({ type: 'waiting', pending: news, leftMs: null });
  }

  #forgetRepaired({ batch, result, running }: Outcome): void {
    const failing = new Set([...result.failed.values(), result.labFailures].flat().map(whatFailed));
    for (const [what, { owner }] of this.#failing) {
      const isRepaired = looksAt(batch.scope, owner) && !failing.has(what) && !result.postponed?.has(what);
      if (isRepaired || (owner !== null && !running.has(owner))) this.#failing.delete(what);
    }
  }

  /** Postpones what was due but could not be tried, because it depends on something that is not due yet. */
  #putOff({ scope }: Batch): void {
    const now = Date.now();
    for (const [what, one] of this.#failing) {
      const { dueAt, attempts, owner } = one;
      if (dueAt <= now && looksAt(scope, owner))
        this.#failing.set(what, { ...one, dueAt: now + this.#pauseMs(attempts) });
    }
  }

  /** The pass itself failed. Everything is tried again, and nothing sooner than the pass. */
  passFailed(failures: readonly Failure[]): void {
    this.#connected = false;
    this.#fail(null, failures, {});
    const dueAt = Math.max(...failures.map((failure) => this.#failing.get(whatFailed(failure))?.dueAt ?? 0));
    for (const [what, one] of this.#failing) this.#failing.set(what, { ...one, dueAt: Math.max(one.dueAt, dueAt) });
  }

  #fail(owner: Owner, failures: readonly Failure[], { tried }: Pick<ReconcileResult, 'tried'>): void {
    const now = Date.now();
    for (const what of new Set(failures.map(whatFailed))) {
      const old = this.#failing.get(what);
      const told = failures.filter((failure) => whatFailed(failure) === what);
      const said = new Set(old?.said);
      for (const failure of told) {
        if (!said.has(textOf(failure))) this.#emit({ type: 'failure', failure });
        said.add(textOf(failure));
      }
      const concerned = tried?.get(what);
      // If a plan finds an obstacle, the kernel is not asked. That counts as an attempt only if one was due.
      const isAttempt = concerned !== undefined || old === undefined || old.dueAt <= now;
      if (isAttempt && old !== undefined) this.#retries += 1;
      const attempts = (old?.attempts ?? 0) + (isAttempt ? 1 : 0);
      this.#failing.set(what, {
        owner,
        concerned: new Set<Owner>([owner, ...(concerned ?? [])]),
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

/**
 * Whether a pass of this scope looks at what belongs to the owner. What belongs to no container is looked at only by passes over
 * the whole lab.
 */
function looksAt(scope: Batch['scope'], owner: Owner): boolean {
  return scope === 'all' || (owner !== null && scope.has(owner));
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
