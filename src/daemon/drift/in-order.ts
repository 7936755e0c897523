/**
 * `drift/` is about changes that others made to the lab: which they are (in-order.ts), where the monitor listens for them
 * (listening.ts), and how soon they are put back (pace.ts).
 */

import { subjectOf } from '../../engine/failure.ts';
import { tellStep } from '../../engine/links/link-events.ts';
import type { Execution } from '../../engine/run.ts';
import type { LinkListener } from '../../events.ts';
import { bridgesThat } from '../../kinds/bridge-modes.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import type { Plan } from '../../plan/plan.ts';
import { linkSubject, type Subject, subjectText } from '../../subject.ts';
import type { Link, Network } from '../../topology/topology.ts';
import type { Op } from '../../wire/op.ts';

/** The owner of what belongs to no container. */
export const LAB = '';

interface Drift {
  readonly subject: Subject;
  readonly cause: string;
  /** The id of a container, or LAB. */
  readonly owner: string;
}

/** Remembers which links and bridges were as described after the last pass that looked at them. As the configuration stays the same, a difference is drift. */
export class InOrder {
  /** `NODE:DEV` → the namespace it was in. */
  readonly #links = new Map<string, string>();
  readonly #bridges = new Set<string>();
  /** Tunnels, namespaces, Open vSwitches that were made. */
  readonly #others = new Set<string>();
  /** What drifted and could not be put back yet; a link with the namespace that it was in. */
  readonly #late = new Map<string, Drift & { readonly ns: string | null }>();
  readonly #listener: LinkListener | undefined;
  readonly #revision: number;

  /** `revision`: which reading of the configuration it is that things are in order by. */
  constructor(listener: LinkListener | undefined, revision: number) {
    this.#listener = listener;
    this.#revision = revision;
  }

  /** A plan is about to be carried out: tells what has drifted. */
  foresee(network: Network, plan: Plan): void {
    if (!this.#listener?.hears.has('drifted')) return;
    for (const drift of this.#drifts(network, plan).values()) this.#tell('drifted', drift);
  }

  /**
   * Records a pass and tells what had drifted and was put back. Returns that, each with its owner: the id of a container, or LAB. What
   * could not be put back is told as a failure elsewhere; often its node is just ending. What is `held` is put back by a later pass.
   */
  record(
    network: Network,
    plan: Plan,
    execution: Execution,
    held: ReadonlySet<string> = new Set(),
  ): ReadonlyMap<string, string> {
    const { failed, skipped, failures } = execution;
    const broken = new Set([...failed, ...skipped, ...failures.map(({ subject }) => subjectText(subject))]);
    const owners = new Map<string, string>();
    for (const [what, drift] of this.#drifts(network, plan)) {
      if (broken.has(what)) {
        this.#late.set(what, { ...drift, ns: this.#links.get(what) ?? null });
        continue;
      }
      owners.set(what, drift.owner);
      this.#tell('mended', drift);
    }
    for (const what of othersIn(network, plan).keys()) {
      if (broken.has(what)) this.#others.delete(what);
      else this.#others.add(what);
    }
    this.#remember(network, plan, broken, held);
    this.#tellLate(network);
    return owners;
  }

  /** By the texts of their subjects. */
  #drifts(network: Network, plan: Plan): ReadonlyMap<string, Drift> {
    const found = new Map<string, Drift>();
    const add = (subject: Subject, cause: string, owner: string): void => {
      const what = subjectText(subject);
      if (!found.has(what)) found.set(what, { subject, cause, owner });
    };
    for (const { link, cause } of this.#driftedLinks(network, plan))
      add(linkSubject(link.id), cause, link.node.id ?? LAB);
    for (const op of plan.ops)
      if (isBridge(op) && this.#bridges.has(op.dev)) add({ kind: 'bridge', name: op.dev }, op.cause, LAB);
    for (const [what, { subject, cause }] of othersIn(network, plan))
      if (this.#others.has(what)) add(subject, cause, LAB);
    return found;
  }

  /** What is in order again after an attempt that failed. A link in another namespace is another one. */
  #tellLate({ links }: Network): void {
    if (this.#late.size === 0) return;
    const nodes = new Map(links.map(({ id, node }) => [id, node.ns]));
    const bridges = new Set([...this.#bridges].map((name) => subjectText({ kind: 'bridge', name })));
    for (const [what, drift] of this.#late) {
      const isLink = drift.subject.kind === 'link';
      const isMended = isLink ? this.#links.get(what) === drift.ns : bridges.has(what);
      if (isMended) this.#tell('mended', drift);
      const isOther = isLink && nodes.has(what) && nodes.get(what) !== drift.ns;
      if (isMended || isOther) this.#late.delete(what);
    }
  }

  #tell(step: 'drifted' | 'mended', { subject, cause }: Drift): void {
    if (this.#listener) tellStep(this.#listener, step, subject, cause, this.#revision);
  }

  #driftedLinks(network: Network, plan: Plan): readonly { readonly link: Link; readonly cause: string }[] {
    const links = new Map(network.links.map((link) => [link.id, link]));
    // A link straight to a node that was started again went with that node.
    const moved = new Set(network.links.filter((link) => !this.#isSame(link)).map(({ spec }) => bridgeOf(spec)));
    const direct = bridgesThat(network.bridges, ({ hasPorts }) => !hasPorts);
    const touched = plan.links.some(({ verdict }) => verdict === 'waits')
      ? new Set(plan.ops.map(({ link }) => link))
      : null;
    return plan.links.flatMap(({ link: id, verdict, cause }) => {
      const link = links.get(id);
      if (!link || verdict === 'unchanged' || verdict === 'blocked' || !this.#isSame(link)) return [];
      if (verdict === 'waits' && !touched?.has(id)) return [];
      const bridge = bridgeOf(link.spec);
      return bridge !== null && direct.has(bridge) && moved.has(bridge) ? [] : [{ link, cause }];
    });
  }

  #isSame({ id, node }: Link): boolean {
    return this.#links.get(id) === node.ns;
  }

  #remember(network: Network, plan: Plan, broken: ReadonlySet<string>, held: ReadonlySet<string>): void {
    const verdicts = new Map(plan.links.map(({ link, verdict }) => [link, verdict]));
    // The lone end of such a wire is there, and waits.
    const patches = bridgesThat(network.bridges, ({ isWire, hasPorts }) => isWire && hasPorts);
    for (const { id, node, spec } of network.links) {
      const verdict = verdicts.get(id);
      if (verdict === undefined || held.has(id)) continue;
      const isAbsent = verdict === 'waits' && !patches.has(bridgeOf(spec) ?? '');
      if (verdict === 'blocked' || isAbsent || broken.has(id)) this.#links.delete(id);
      else this.#links.set(id, node.ns);
    }
    for (const { name } of network.bridges) {
      if (held.has(`bridge ${name}`)) continue;
      if (broken.has(`bridge ${name}`)) this.#bridges.delete(name);
      else this.#bridges.add(name);
    }
  }
}

function isBridge(op: Op): op is Extract<Op, { op: 'bridge.add' | 'bridge.raise' | 'ovs.bridge' }> {
  return op.op === 'bridge.add' || op.op === 'bridge.raise' || op.op === 'ovs.bridge';
}

/** What is made that is neither a link nor a bridge, and why, by the texts of their subjects. */
function othersIn({ links }: Network, { ops }: Plan): ReadonlyMap<string, Omit<Drift, 'owner'>> {
  const found = new Map<string, Omit<Drift, 'owner'>>();
  const ids = new Set(links.map(({ id }) => id));
  for (const op of ops) {
    const isOther = op.op === 'netns.add' || op.op === 'ovs.start' || (op.link !== null && !ids.has(op.link));
    if (!isOther) continue;
    const subject = subjectOf(op, op.ns);
    const what = subjectText(subject);
    if (!found.has(what)) found.set(what, { subject, cause: op.cause });
  }
  return found;
}
