/** What the daemon's lab waits for, kept over passes that look at parts of it. */
import type { Execution } from '../engine/run.ts';
import type { Pending } from '../events.ts';
import { type Absence, pendingOf } from '../plan/pending/pending.ts';
import type { Plan } from '../plan/plan.ts';
import type { Link, Network } from '../topology/topology.ts';

export class Waiting {
  readonly #absence: Absence;
  /** As of the last pass over the whole lab. */
  #nodes: readonly Pending[] = [];
  /** `NODE:DEV` → what it waits for. */
  readonly #links = new Map<string, Pending>();

  constructor(absence: Absence) {
    this.#absence = absence;
  }

  /** Takes in a pass: over the `whole` lab, or over the links of its plan alone. */
  record(network: Network, plan: Plan, { failed, skipped }: Execution, whole: boolean): void {
    const pending = pendingOf(network, plan, this.#absence, new Set([...failed, ...skipped]));
    if (whole) {
      this.#links.clear();
      this.#nodes = pending.filter(({ subject }) => subject.kind === 'node');
    }
    for (const { link } of plan.links) this.#links.delete(link);
    for (const one of pending)
      if (one.subject.kind === 'link') for (const link of one.links) this.#links.set(link, one);
  }

  /** Links whose nodes have ended wait for nothing. */
  forget(links: readonly Link[]): void {
    for (const { id } of links) this.#links.delete(id);
  }

  get all(): readonly Pending[] {
    return [...this.#nodes, ...this.#links.values()];
  }
}
