/** The nodes and links that a lab waits for. Passes over the whole lab and over some nodes keep it up to date. */
import type { Execution } from '../engine/run.ts';
import type { Pending } from '../events.ts';
import { type Absence, linksPending, nodesPending, pendingOf } from '../plan/pending/pending.ts';
import type { Plan } from '../plan/plan.ts';
import type { Link, MissingNode, Network, Node } from '../topology/topology.ts';

export class Waiting {
  readonly #absence: Absence;
  /** Nodes that did not run at the last pass over the whole lab, and were in none since. */
  #nodes: readonly MissingNode[] = [];
  /** `NODE:DEV` → what it waits for. */
  readonly #links = new Map<string, Pending>();

  constructor(absence: Absence) {
    this.#absence = absence;
  }

  /** Records a pass. `whole`: it covered the whole lab. */
  record(
    network: Network,
    plan: Plan,
    { failed, skipped }: Pick<Execution, 'failed' | 'skipped'>,
    whole: boolean,
  ): void {
    const pending = pendingOf(network, plan, this.#absence, new Set([...failed, ...skipped]));
    if (whole) this.#links.clear();
    this.#nodes = whole ? network.pending : this.#nodes.filter((missing) => !hasCome(missing, network.nodes));
    for (const { link } of plan.links) this.#links.delete(link);
    for (const one of pending)
      if (one.subject.kind === 'link') for (const link of one.links) this.#links.set(link, one);
  }

  /** Drops links whose nodes have ended: they wait for nothing. */
  forget(links: readonly Link[]): void {
    for (const { id } of links) this.#links.delete(id);
  }

  /** All that the lab waits for, nodes first. */
  get all(): readonly Pending[] {
    return [...nodesPending(this.#nodes, this.#absence), ...this.#links.values()];
  }

  /** The number of links of nodes that do not run. */
  get missingLinks(): number {
    return linksPending(nodesPending(this.#nodes, this.#absence));
  }
}

function hasCome({ selector: { kind, name } }: MissingNode, nodes: readonly Node[]): boolean {
  return nodes.some((node) => node.kind === 'container' && (kind === 'service' ? node.service : node.name) === name);
}
