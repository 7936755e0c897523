/** Counts what one run does to the nodes that linkloom makes itself: containers of `nodes:`, and named namespaces. */
import type { Failure, NodeCounts } from '../../events.ts';
import { type NsId, netnsNameOf } from '../../net/ns-id.ts';
import { isOfNode } from '../../plan/plan.ts';
import type { Doing, NodeOutcome } from '../../runtime/nodes/bring.ts';
import type { Topology } from '../../topology/topology.ts';
import type { Reconciled } from '../pipeline.ts';

type Outcome = 'created' | 'changed' | 'unchanged' | 'failed';

const OUTCOME: Readonly<Record<Doing, Outcome>> = {
  created: 'created',
  recreated: 'changed',
  started: 'changed',
  unchanged: 'unchanged',
};

export class NodeTally {
  /** By the name on the host, which no two nodes of a lab share. */
  readonly #nodes = new Map<string, Outcome>();
  /** The names of entries of `nodes:` on the host, and of the namespaces that the last pass over the whole lab wanted. */
  readonly #entries: ReadonlySet<string>;
  #wanted: ReadonlySet<string>;
  readonly #removed = new Set<string>();
  readonly #failures: Failure[] = [];

  constructor({ nodes = [] }: Pick<Topology, 'nodes'>) {
    this.#entries = new Set(nodes.map(({ realName }) => realName));
    this.#wanted = this.#entries;
  }

  /** Records what the engine did for a container, or that it could not. */
  brought(outcome: NodeOutcome): void {
    const { realName } = outcome.definition;
    if (outcome.state === 'running') this.#set(realName, OUTCOME[outcome.done]);
    if (outcome.state === 'failed') this.#set(realName, 'failed');
  }

  /** Records the failure of a node that could not be made, or does not do what it is for. */
  failed(realName: string, failure: Failure): void {
    this.#set(realName, 'failed');
    this.#failures.push(failure);
  }

  /** Records containers, by their names, that were removed because no entry describes them any more. */
  removed(names: readonly string[]): void {
    for (const name of names) this.#removed.add(name);
  }

  /** Records what a pass did to namespaces, and to the `lo` of all nodes. */
  add(reconciled: Pick<Reconciled, 'isWhole' | 'network' | 'containers' | 'plan' | 'execution'>): void {
    const { isWhole, plan, execution } = reconciled;
    const done = new Map<string, Outcome>();
    for (const op of plan.ops) {
      if (!isOfNode(op)) continue;
      if (op.op !== 'netns.del') done.set(op.ns, op.op === 'netns.add' ? 'created' : (done.get(op.ns) ?? 'changed'));
      else if (!op.shared && !execution.failedNodes.has(op.ns)) this.#removed.add(op.ns);
    }
    const own = this.#ownOf(reconciled);
    for (const { name, ns } of own) {
      this.#set(name, execution.failedNodes.has(ns) ? 'failed' : (done.get(ns) ?? 'unchanged'));
    }
    if (isWhole) this.#wanted = new Set([...this.#entries, ...own.map(({ name }) => name)]);
  }

  /** The nodes of a pass that linkloom makes itself, by their names on the host. */
  #ownOf({ network, containers }: Pick<Reconciled, 'network' | 'containers'>): readonly { name: string; ns: NsId }[] {
    const names = new Map(containers.map(({ id, name }) => [id, name]));
    return network.nodes.flatMap((node) => {
      if (node.kind === 'netns') return [{ name: netnsNameOf(node.ns), ns: node.ns }];
      const name = node.kind === 'container' ? names.get(node.id) : undefined;
      return name !== undefined && this.#entries.has(name) ? [{ name, ns: node.ns }] : [];
    });
  }

  get failures(): readonly Failure[] {
    return this.#failures;
  }

  get counts(): NodeCounts {
    const count = (outcome: Outcome): number =>
      [...this.#wanted].filter((name) => this.#nodes.get(name) === outcome).length;
    return {
      desired: this.#wanted.size,
      created: count('created'),
      changed: count('changed'),
      unchanged: count('unchanged'),
      removed: this.#removed.size,
      failed: count('failed'),
    };
  }

  /** A node that this run has made stays made, although a later pass finds nothing to do or adds its addresses. */
  #set(name: string, now: Outcome): void {
    const before = this.#nodes.get(name);
    const stays = (before === 'created' && now !== 'failed') || (before === 'changed' && now === 'unchanged');
    if (!stays) this.#nodes.set(name, now);
  }
}

/** Whether anything was done, or could not be. */
export function isNews({ created, changed, removed, failed }: NodeCounts): boolean {
  return created + changed + removed + failed > 0;
}
