/**
 * `drift/` deals with drift, that is with changes to the lab that linkloom did not make: it detects them (detector.ts), chooses the
 * namespaces in which the monitor listens for them (listening.ts), and decides how soon they are repaired (backoff.ts,
 * postpone.ts).
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

/** The id of the container that something belongs to. null: it belongs to no container, but to the whole lab. */
export type Owner = string | null;

interface Drift {
  readonly subject: Subject;
  readonly cause: string;
  readonly owner: Owner;
}

/**
 * Remembers which links and bridges matched the configuration after the last pass. While the configuration stays the same, any
 * difference that a later pass finds in them is drift.
 */
export class DriftDetector {
  /** By `NODE:DEV`: the namespace in which the link was. */
  readonly #links = new Map<string, string>();
  readonly #bridges = new Set<string>();
  /** Tunnels, namespaces and Open vSwitch instances that were made. */
  readonly #others = new Set<string>();
  /** Drift that could not be repaired yet; for a link with the namespace in which the link was. */
  readonly #late = new Map<string, Drift & { readonly ns: string | null }>();
  readonly #listener: LinkListener | undefined;
  readonly #revision: number;

  /** `revision` is the number of the configuration that is in use. */
  constructor(listener: LinkListener | undefined, revision: number) {
    this.#listener = listener;
    this.#revision = revision;
  }

  /** Reports the drift in a plan that is about to be carried out. */
  foresee(network: Network, plan: Plan): void {
    if (!this.#listener?.hears.has('drifted')) return;
    for (const drift of this.#drifts(network, plan).values()) this.#tell('drifted', drift);
  }

  /**
   * Records a pass and reports the drift that it repaired. Returns the repaired subjects, each with its owner. A subject that
   * could not be repaired is reported as a failure elsewhere; often its node is just ending. A `postponed` subject is repaired by a
   * later pass.
   */
  record(
    network: Network,
    plan: Plan,
    execution: Execution,
    postponed: ReadonlySet<string> = new Set(),
  ): ReadonlyMap<string, Owner> {
    const { failed, skipped, failures } = execution;
    const broken = new Set([...failed, ...skipped, ...failures.map(({ subject }) => subjectText(subject))]);
    const owners = new Map<string, Owner>();
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
    this.#remember(network, plan, broken, postponed);
    this.#tellLate(network);
    return owners;
  }

  /** The drift in a plan, by the texts of the subjects. */
  #drifts(network: Network, plan: Plan): ReadonlyMap<string, Drift> {
    const found = new Map<string, Drift>();
    const add = (subject: Subject, cause: string, owner: Owner): void => {
      const what = subjectText(subject);
      if (!found.has(what)) found.set(what, { subject, cause, owner });
    };
    for (const { link, cause } of this.#driftedLinks(network, plan)) add(linkSubject(link.id), cause, link.node.id);
    for (const op of plan.ops)
      if (isBridge(op) && this.#bridges.has(op.dev)) add({ kind: 'bridge', name: op.dev }, op.cause, null);
    for (const [what, { subject, cause }] of othersIn(network, plan))
      if (this.#others.has(what)) add(subject, cause, null);
    return found;
  }

  /** Reports drift that is repaired now, after an attempt that failed. A link that is in another namespace now is another link. */
  #tellLate({ links }: Network): void {
    if (this.#late.size === 0) return;
    const nodes = new Map(links.map(({ id, node }) => [id, node.ns]));
    const bridges = new Set([...this.#bridges].map((name) => subjectText({ kind: 'bridge', name })));
    for (const [what, drift] of this.#late) {
      const isLink = drift.subject.kind === 'link';
      const isRepaired = isLink ? this.#links.get(what) === drift.ns : bridges.has(what);
      if (isRepaired) this.#tell('mended', drift);
      const isOther = isLink && nodes.has(what) && nodes.get(what) !== drift.ns;
      if (isRepaired || isOther) this.#late.delete(what);
    }
  }

  #tell(step: 'drifted' | 'mended', { subject, cause }: Drift): void {
    if (this.#listener) tellStep(this.#listener, step, subject, cause, this.#revision);
  }

  #driftedLinks(network: Network, plan: Plan): readonly { readonly link: Link; readonly cause: string }[] {
    const links = new Map(network.links.map((link) => [link.id, link]));
    // When a node starts again, the kernel has removed the links of its direct wires, at both ends. That is no drift.
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

  #remember(network: Network, plan: Plan, broken: ReadonlySet<string>, postponed: ReadonlySet<string>): void {
    const verdicts = new Map(plan.links.map(({ link, verdict }) => [link, verdict]));
    // The one end of a patch wire exists while it waits for the other.
    const patches = bridgesThat(network.bridges, ({ isWire, hasPorts }) => isWire && hasPorts);
    for (const { id, node, spec } of network.links) {
      const verdict = verdicts.get(id);
      if (verdict === undefined || postponed.has(id)) continue;
      const isAbsent = verdict === 'waits' && !patches.has(bridgeOf(spec) ?? '');
      if (verdict === 'blocked' || isAbsent || broken.has(id)) this.#links.delete(id);
      else this.#links.set(id, node.ns);
    }
    for (const { name } of network.bridges) {
      if (postponed.has(`bridge ${name}`)) continue;
      if (broken.has(`bridge ${name}`)) this.#bridges.delete(name);
      else this.#bridges.add(name);
    }
  }
}

function isBridge(op: Op): op is Extract<Op, { op: 'bridge.add' | 'bridge.raise' | 'ovs.bridge' }> {
  return op.op === 'bridge.add' || op.op === 'bridge.raise' || op.op === 'ovs.bridge';
}

/** The subjects that the plan makes, other than links and bridges, each with its cause. */
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
