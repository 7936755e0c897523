/** Sums up the passes of one run, each over the whole lab or over some nodes, as one summary. */

import { counted } from '../counted.ts';
import { LinkloomError } from '../errors.ts';
import type { Failure, LinkCounts, Pending, Summary } from '../events.ts';
import { notRunning } from '../plan/pending/pending.ts';
import { subjectText } from '../subject.ts';
import { verb } from '../verb-names.ts';
import { NodeTally } from './nodes/node-tally.ts';
import { lasting, type Outcome, outcomeOf } from './outcome.ts';
import type { Reconciled } from './pipeline.ts';
import type { SessionParts } from './session.ts';
import { Waiting } from './waiting.ts';

/** Of the links of one name: two that ask for the same device both fail. */
interface Counted {
  readonly outcome: Outcome;
  readonly times: number;
}

export class Tally {
  readonly #lab: string;
  readonly #loadMs: number;
  readonly #waiting: Waiting;
  /** By `NODE:DEV`. */
  #links = new Map<string, Counted>();
  readonly #removed = new Set<string>();
  /** By the text of their subject: those of the last pass that was about it. */
  readonly #failures = new Map<string, Failure[]>();
  #orphans: readonly string[] = [];
  readonly nodes: NodeTally;
  #observeMs = 0;
  #planMs = 0;
  #applyMs = 0;

  constructor({ topology, loadMs, filter }: Pick<SessionParts, 'topology' | 'loadMs' | 'filter'>) {
    this.nodes = new NodeTally(topology);
    this.#lab = topology.lab;
    this.#loadMs = loadMs;
    this.#waiting = new Waiting(notRunning(filter));
  }

  /** Adds a pass that was carried out. For links in its scope the new result counts, for all others the earlier one. */
  add(reconciled: Reconciled): void {
    const { isWhole, network, plan, execution, observeMs, planMs } = reconciled;
    this.nodes.add(reconciled);
    this.#observeMs += observeMs;
    this.#planMs += planMs;
    this.#applyMs += execution.applyMs;
    this.#addLinks(
      plan.links.map((planned) => [planned.link, outcomeOf(planned, execution)]),
      isWhole,
    );
    for (const link of plan.removed) this.#removed.add(link);
    if (isWhole) this.#failures.clear();
    for (const { link } of plan.links) this.#failures.delete(link);
    for (const failure of execution.failures) {
      const what = subjectText(failure.subject);
      this.#failures.set(what, [...(this.#failures.get(what) ?? []), failure]);
    }
    this.#waiting.record(network, plan, execution, isWhole);
    if (isWhole) this.#orphans = plan.orphans;
  }

  get pending(): readonly Pending[] {
    return this.#waiting.all;
  }

  /** The result so far, without commands. `totalMs` counts from the start of the process. */
  get summary(): Summary {
    return {
      lab: this.#lab,
      links: this.#counts(),
      nodes: this.nodes.counts,
      timings: {
        ...{ loadMs: this.#loadMs, observeMs: this.#observeMs, planMs: this.#planMs },
        ...{ applyMs: this.#applyMs, totalMs: performance.now() },
      },
      failures: [...this.nodes.failures, ...[...this.#failures.values()].flat()],
      pending: this.pending,
      commands: [],
      orphans: this.#orphans,
    };
  }

  /** Throws E_INTERRUPTED if some links were not begun. */
  assertWhole(): void {
    const left = this.#count('skipped');
    if (left === 0) return;
    const message = `interrupted: ${counted(left, 'link was', 'links were')} not begun; those that were are whole`;
    throw new LinkloomError('E_INTERRUPTED', message, {
      hint: `run ${verb('up')} again for the rest, or ${verb('down')} to take all away`,
    });
  }

  #addLinks(outcomes: readonly (readonly [string, Outcome])[], isWhole: boolean): void {
    const before = this.#links;
    const now = new Map<string, Counted>();
    for (const [link, outcome] of outcomes) {
      const times = (now.get(link)?.times ?? 0) + 1;
      now.set(link, { outcome: lasting(before.get(link)?.outcome, outcome), times });
    }
    if (isWhole) this.#links = now;
    else for (const [link, one] of now) before.set(link, one);
  }

  #counts(): LinkCounts {
    const missing = this.#waiting.missingLinks;
    let all = 0;
    for (const { times } of this.#links.values()) all += times;
    return {
      desired: all + missing,
      created: this.#count('create'),
      changed: this.#count('change') + this.#count('recreate'),
      unchanged: this.#count('unchanged'),
      removed: this.#removed.size,
      failed: this.#count('failed'),
      pending: missing + this.#count('waits'),
    };
  }

  #count(outcome: Outcome): number {
    let count = 0;
    for (const one of this.#links.values()) if (one.outcome === outcome) count += one.times;
    return count;
  }
}
