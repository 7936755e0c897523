/** How far this host is with one lab: which record passes work on, what became of it, and what keeps it from a newer one. */
import { type Identity, isReached } from '../../cluster/identity.ts';
import type { Recorded } from '../../cluster/records.ts';
import type { LabState, Phase } from '../../cluster/state.ts';
import type { Reconciled } from '../../lab/pipeline.ts';
import type { Tally } from '../../lab/tally.ts';
import { subjectText } from '../../subject.ts';

const FAILURES_MAX = 20;
const WAITS_MAX = 3;

const NO_LINKS = { desired: 0, created: 0, changed: 0, removed: 0, failed: 0, pending: 0 } as const;

export class Progress {
  #used: { readonly recorded: Recorded; readonly tally: Tally } | null = null;
  #sinceMs = 0;
  #ms = 0;
  /** Of the last record that is made, as far as it can be. */
  #made: Identity | null = null;
  #phase: Phase = 'ends';
  #containers: readonly string[] = [];
  #isRemoved = false;
  held: string | null = null;

  /** The record that is made here, and of which it is not known that all others have it too; null: there is none. */
  get waiting(): Identity | null {
    const isMade = this.#used !== null && this.#made === this.#used.recorded.identity;
    return isMade && this.#phase === 'ends' ? this.#made : null;
  }

  /** The revision that is carried out (0: none), and how long that took. */
  get figures(): { readonly made: number; readonly convergeMs: number | null } {
    return { made: this.#made?.revision ?? 0, convergeMs: this.#made === null ? null : this.#ms };
  }

  /** What became of the record that is used; undefined: none is. */
  get tally(): Tally | undefined {
    return this.#used?.tally;
  }

  /** Passes work on this record from now on. Returns whether it is another one than before. */
  adopted(recorded: Recorded, tally: Tally): boolean {
    const before = this.#used?.recorded.identity ?? null;
    const isSame = before !== null && isReached(before, recorded.identity) && isReached(recorded.identity, before);
    this.held = null;
    this.#isRemoved = false;
    if (isSame && before !== null) {
      this.#used = { recorded: { ...recorded, identity: before }, tally };
      return false;
    }
    this.#used = { recorded, tally };
    this.#phase = 'ends';
    this.#sinceMs = performance.now();
    return true;
  }

  passed(reconciled: Reconciled): void {
    if (this.#used === null) return;
    this.#used.tally.add(reconciled);
    this.#containers = reconciled.containers.map(({ name }) => `container/${name}`);
    if (!reconciled.isWhole || this.#made === this.#used.recorded.identity) return;
    this.#made = this.#used.recorded.identity;
    this.#ms = Math.round(performance.now() - this.#sinceMs);
  }

  /** All hosts that wires lead to are as far. */
  whole(): void {
    this.#phase = 'whole';
  }

  removed(identity: Identity, links: number): void {
    this.#used = null;
    this.#made = identity;
    this.#isRemoved = true;
    this.held = null;
    this.#removedLinks = links;
  }

  #removedLinks = 0;

  /** What is to be told; null: nothing yet. */
  state(): LabState {
    const summary = this.#used?.tally.summary;
    const counts = summary?.links ?? { ...NO_LINKS, removed: this.#removedLinks };
    return {
      epoch: this.#made?.epoch ?? '',
      rev: this.#made?.revision ?? 0,
      phase: this.#isRemoved ? 'whole' : this.#phase,
      deleted: this.#isRemoved,
      desired: counts.desired,
      created: counts.created,
      changed: counts.changed,
      removed: counts.removed,
      failed: counts.failed,
      pending: counts.pending,
      waits: (summary?.pending ?? []).slice(0, WAITS_MAX).map(({ subject, why }) => `${subjectText(subject)}: ${why}`),
      failures: (summary?.failures ?? [])
        .slice(0, FAILURES_MAX)
        .map(({ subject, code, message }) => ({ link: subjectText(subject), code, message })),
      containers: this.#containers,
      held: this.held,
      ms: this.#ms,
      at: new Date().toISOString(),
    };
  }
}
