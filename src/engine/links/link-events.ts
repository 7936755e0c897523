/**
 * `links/`: what becomes of each link, told step by step while plans are carried out.
 *
 * This file: one pass. Nothing is made for a step that nobody hears.
 */
import type { Failure, LinkChange, LinkEvent, LinkListener, LinkStep } from '../../events.ts';
import type { Plan, PlannedLink } from '../../plan/plan.ts';
import { type Subject, servedSubject, subjectText } from '../../subject.ts';
import type { Link, MissingNode, Network } from '../../topology/topology.ts';
import type { Op } from '../../wire/op.ts';
import { Facts, factsOf } from './facts.ts';
import { Refusals } from './refusals.ts';
import { linksServed } from './served.ts';

/** Of an `Execution`. */
interface Outcome {
  readonly failures: readonly Failure[];
  readonly skipped: ReadonlySet<string>;
}

/** What the pass does to a link. */
interface Fate {
  readonly change: LinkChange;
  readonly cause: string;
}

const CHANGES: Readonly<Partial<Record<PlannedLink['verdict'], LinkChange>>> = {
  create: 'make',
  change: 'change',
  recreate: 'remake',
};

const INTERRUPTED = 'the run was interrupted before its turn';

const ENDS = { make: 'made', change: 'changed', remake: 'changed', remove: 'removed' } as const;

type More = Pick<LinkEvent, 'change' | 'facts' | 'failure'>;

/** The links of one pass, over all plans that it takes. */
export class LinkEvents {
  readonly #listener: LinkListener;
  readonly #network: Network | null;
  readonly #revision: number | null;
  readonly #facts: Facts;
  readonly #refusals = new Refusals();
  readonly #fates = new Map<string, Fate>();
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();
  /** Operations of each link that are not acknowledged. */
  #left = new Map<string, number>();
  #served: (op: Op) => readonly string[] = () => [];

  /** `network`: of the pass; null where nothing is wanted. `revision`: which reading of the configuration it is of; null: of none. */
  constructor(listener: LinkListener, network: Network | null, revision: number | null) {
    this.#listener = listener;
    this.#network = network;
    this.#revision = revision;
    this.#facts = new Facts(network);
  }

  /** The pass begins. `ended` are links that went with their nodes. */
  wanted(ended: readonly Link[] = []): void {
    for (const link of ended) this.#tell('removed', link.id, 'its node has ended', { facts: factsOf(link) });
    if (!this.#listener.hears.has('wanted')) return;
    for (const { id } of this.#network?.links ?? []) this.#tell('wanted', id, null);
    for (const { link } of missingLinks(this.#network)) this.#tell('wanted', link, null);
  }

  /** A plan is about to be carried out: the first of the pass, or one more after a crash or after changes by others. */
  planned({ ops, links, removed }: Pick<Plan, 'ops' | 'links' | 'removed'>): void {
    this.#left = new Map();
    this.#served = linksServed(ops);
    for (const { link, verdict, cause } of links) {
      const change = CHANGES[verdict];
      // What is half made is finished by the next plan, and made by this pass all the same.
      if (change !== undefined && cause !== null && this.#fates.get(link)?.change !== 'make')
        this.#fates.set(link, { change, cause });
    }
    for (const op of ops) this.#count(op);
    for (const link of removed) {
      if (!this.#fates.has(link))
        this.#fates.set(link, { change: 'remove', cause: this.#network ? 'not in the configuration' : 'down' });
      this.#begin(link);
    }
  }

  /** Operations go to a worker. */
  sent(ops: readonly Op[]): void {
    for (const op of ops) for (const link of this.#served(op)) this.#begin(link);
  }

  /** Operations are acknowledged. */
  done(ops: readonly Op[]): void {
    for (const op of ops) {
      for (const link of this.#served(op)) {
        const left = (this.#left.get(link) ?? 0) - 1;
        this.#left.set(link, left);
        if (left === 0) this.#succeed(link);
      }
    }
  }

  /** An operation was refused. */
  refused(op: Op, failure: Failure): void {
    this.#refusals.add(op, failure);
  }

  failed(link: string, failure: Failure): void {
    this.#end('failed', link, failure.message, { failure });
  }

  /** Made, and then it does not carry: the one case in which a link fails after its end. */
  lost(link: string, failure: Failure): void {
    this.#ended.delete(link);
    this.failed(link, failure);
  }

  /** The pass is over, and this is the last of its plans. `absence`: why a node that does not run is not there. */
  settled(plan: Plan, { failures, skipped }: Outcome, absence: (missing: MissingNode) => string): void {
    const failureOf = new Map(failures.map((failure) => [subjectText(failure.subject), failure]));
    for (const { link, verdict, cause } of plan.links) {
      const failure = failureOf.get(link);
      if (failure !== undefined) this.failed(link, failure);
      else if (verdict === 'blocked') this.#end('failed', link, cause);
      else if (skipped.has(link)) this.#end('waits', link, INTERRUPTED);
      else if (verdict === 'waits') this.#end('waits', link, cause);
    }
    for (const [link, { change }] of this.#fates) {
      const failure = change === 'remove' ? this.#refusals.ofRemoval(link) : failureOf.get(link);
      if (failure !== undefined) this.failed(link, failure);
      else if (skipped.has(link)) this.#end('waits', link, INTERRUPTED);
      else this.#succeed(link);
    }
    for (const { link, missing } of missingLinks(this.#network)) this.#tell('waits', link, absence(missing));
  }

  /** A whole lab was taken away, but for the links that are `left`, which fail by this failure. */
  takenAway(left: ReadonlySet<string>, failure: Failure | undefined): void {
    for (const link of this.#fates.keys()) {
      if (left.has(link) && failure !== undefined) this.failed(link, failure);
      else this.#succeed(link);
    }
  }

  #count(op: Op): void {
    for (const link of this.#served(op)) {
      this.#left.set(link, (this.#left.get(link) ?? 0) + 1);
      // Tunnels have no verdicts.
      if (servedSubject(link).kind !== 'tunnel') continue;
      const change = op.op === 'tunnel.add' ? (this.#fates.has(link) ? 'remake' : 'make') : 'change';
      if (change !== 'change' || !this.#fates.has(link)) this.#fates.set(link, { change, cause: op.cause });
    }
  }

  #begin(link: string): void {
    const fate = this.#fates.get(link);
    if (fate === undefined || this.#begun.has(link) || this.#ended.has(link)) return;
    this.#begun.add(link);
    if (!this.#listener.hears.has('begun')) return;
    const { change, cause } = fate;
    const facts = change === 'make' || change === 'remake' ? this.#facts.of(link) : null;
    this.#tell('begun', link, cause, { change, ...(facts && { facts }) });
  }

  #succeed(link: string): void {
    const fate = this.#fates.get(link);
    if (fate === undefined) return;
    // What a worker that died had finished was begun all the same.
    this.#begin(link);
    this.#end(ENDS[fate.change], link, fate.cause);
  }

  #end(step: LinkStep, link: string, cause: string, more: More = {}): void {
    if (this.#ended.has(link)) return;
    this.#ended.add(link);
    this.#tell(step, link, cause, more);
  }

  #tell(step: LinkStep, link: string, cause: string | null, more: More = {}): void {
    if (this.#listener.hears.has(step))
      tellStep(this.#listener, step, servedSubject(link), cause, this.#revision, more);
  }
}

/** Tell a step, if it is heard. */
export function tellStep(
  { hears, tell }: LinkListener,
  step: LinkStep,
  subject: Subject,
  cause: string | null,
  revision: number | null,
  more: More = {},
): void {
  if (hears.has(step)) tell({ type: step, subject, cause, revision, atMs: performance.now(), ...more });
}

function missingLinks(network: Network | null): readonly { readonly link: string; readonly missing: MissingNode }[] {
  return (network?.pending ?? []).flatMap((missing) =>
    missing.links.map(({ dev }) => ({ link: `${missing.selector.name}:${dev}`, missing })),
  );
}
