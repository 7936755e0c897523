/**
 * `drift/` is what the daemon knows of changes that were not its own: what was in order and is not (in-order.ts), who heard of
 * it (ears.ts), and how soon it may be mended again (pace.ts).
 */
import type { Execution } from '../../engine/execute.ts';
import type { Emit } from '../../events.ts';
import type { Op } from '../../plan/op.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Link, Network } from '../../topology/topology.ts';

/** The key of what belongs to no container. */
export const LAB = '';

/** Which links and bridges were as described after the last pass that looked at them. The configuration stays, so a difference is drift. */
export class InOrder {
  /** `NODE:DEV` → the namespace it was in. */
  readonly #links = new Map<string, string>();
  readonly #bridges = new Set<string>();
  readonly #emit: Emit;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Takes in a pass; tells each thing that had been in order and had to be put back. Returns them, each with whose it is: the id of a container, or LAB. */
  record(network: Network, plan: Plan, execution: Execution): ReadonlyMap<string, string> {
    const drifted = this.#driftedLinks(network, plan);
    const owners = new Map<string, string>();
    for (const { link, cause } of drifted) {
      owners.set(link.id, link.node.id ?? LAB);
      this.#tell(link.id, cause, execution);
    }
    for (const op of plan.ops) {
      if (!isBridge(op) || !this.#bridges.has(op.dev)) continue;
      owners.set(`bridge ${op.dev}`, LAB);
      this.#tell(`bridge ${op.dev}`, op.cause, execution);
    }
    this.#remember(network, plan, execution);
    return owners;
  }

  #driftedLinks(network: Network, plan: Plan): readonly { readonly link: Link; readonly cause: string }[] {
    const links = new Map(network.links.map((link) => [link.id, link]));
    // A link straight to a node that was started again went with that node.
    const moved = new Set(network.links.filter((link) => !this.#isSame(link)).map(({ spec }) => spec.bridge));
    const direct = new Set(network.bridges.flatMap(({ name, mode }) => (mode === 'direct' ? [name] : [])));
    return plan.links.flatMap(({ link: id, verdict, cause }) => {
      const link = links.get(id);
      if (!link || verdict === 'unchanged' || !this.#isSame(link)) return [];
      const { bridge } = link.spec;
      return bridge !== null && direct.has(bridge) && moved.has(bridge) ? [] : [{ link, cause }];
    });
  }

  #isSame({ id, node }: Link): boolean {
    return this.#links.get(id) === node.ns;
  }

  #tell(what: string, cause: string, { failed, skipped, failures }: Execution): void {
    const isMended = !failed.has(what) && !skipped.has(what) && !failures.some(({ link }) => link === what);
    this.#emit({ type: 'notice', message: `drift: ${what} ${cause}${isMended ? ', put back' : ', not put back'}` });
  }

  #remember(network: Network, plan: Plan, { failed, skipped, failures }: Execution): void {
    const verdicts = new Map(plan.links.map(({ link, verdict }) => [link, verdict]));
    for (const { id, node } of network.links) {
      const verdict = verdicts.get(id);
      if (verdict === undefined) continue;
      if (verdict === 'blocked' || failed.has(id) || skipped.has(id)) this.#links.delete(id);
      else this.#links.set(id, node.ns);
    }
    const broken = new Set(failures.map(({ link }) => link));
    for (const { name } of network.bridges) {
      if (broken.has(`bridge ${name}`)) this.#bridges.delete(name);
      else this.#bridges.add(name);
    }
  }
}

function isBridge(op: Op): op is Extract<Op, { op: 'bridge.add' | 'bridge.raise' | 'ovs.bridge' }> {
  return op.op === 'bridge.add' || op.op === 'bridge.raise' || op.op === 'ovs.bridge';
}
