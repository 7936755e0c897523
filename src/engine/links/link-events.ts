/**
 * `links/`: what becomes of each link, told step by step while plans are carried out.
 *
 * This file: one pass. Nothing is made for a step that nobody hears.
 */
import type { Failure, LinkChange, LinkEvent, LinkFacts, LinkListener, LinkStep } from '../../events.ts';
import type { Plan, PlannedLink } from '../../plan/plan.ts';
import { linkSubject, type Subject, subjectText } from '../../subject.ts';
import type { Link, MissingNode, Network } from '../../topology/topology.ts';
import type { Op } from '../../wire/op.ts';
import { factsOf, TunnelFacts } from './facts.ts';
import { Refusals } from './refusals.ts';
import { type Track, Tracks } from './tracks.ts';

/** Of an `Execution`. */
interface Outcome {
  readonly failures: readonly Failure[];
  readonly skipped: ReadonlySet<string>;
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
  readonly #tunnels: TunnelFacts;
  readonly #refusals = new Refusals();
  readonly #tracks: Tracks;
  /** What jobs on their way serve, by their operations. */
  readonly #underWay = new Map<readonly Op[], readonly Track[]>();

  /** `network`: of the pass; null where nothing is wanted. `revision`: which reading of the configuration it is of; null: of none. */
  constructor(listener: LinkListener, network: Network | null, revision: number | null) {
    this.#listener = listener;
    this.#network = network;
    this.#revision = revision;
    this.#tunnels = new TunnelFacts(network);
    this.#tracks = new Tracks(network?.links ?? []);
  }

  /** The pass begins. `ended` are links that went with their nodes. */
  wanted(ended: readonly Link[] = []): void {
    for (const link of ended)
      this.#tell('removed', linkSubject(link.id), 'its node has ended', { facts: factsOf(link) });
    if (!this.#listener.hears.has('wanted')) return;
    for (const { subject } of this.#tracks.all()) this.#tell('wanted', subject, null);
    for (const { link } of missingLinks(this.#network)) this.#tell('wanted', linkSubject(link), null);
  }

  /** A plan is about to be carried out: the first of the pass, or one more after a crash or after changes by others. */
  planned({ ops, links, removed }: Pick<Plan, 'ops' | 'links' | 'removed'>): void {
    for (const { link, verdict, cause } of links) {
      const change = CHANGES[verdict];
      if (change === undefined || cause === null) continue;
      const track = this.#tracks.of(link);
      // What is half made is finished by the next plan, and made by this pass all the same.
      if (track.fate?.change !== 'make') track.fate = { change, cause };
    }
    this.#tracks.count(ops);
    for (const link of removed) {
      const track = this.#tracks.of(link);
      track.fate ??= { change: 'remove', cause: this.#network ? 'not in the configuration' : 'down' };
      this.#begin(track);
    }
  }

  /** Operations go to a worker. */
  sent(ops: readonly Op[]): void {
    const served = this.#tracks.served(ops);
    this.#underWay.set(ops, served);
    for (const track of served) this.#begin(track);
  }

  /** Operations are acknowledged. */
  done(ops: readonly Op[]): void {
    // Of a job of which a part was refused only the others are acknowledged.
    const served = this.#underWay.get(ops) ?? this.#tracks.served(ops);
    this.#underWay.delete(ops);
    for (const track of served) {
      track.left -= 1;
      if (track.left === 0) this.#succeed(track);
    }
  }

  /** An operation was refused. */
  refused(op: Op, failure: Failure): void {
    this.#refusals.add(op, failure);
  }

  failed(link: string, failure: Failure): void {
    this.#end('failed', this.#tracks.of(link), failure.message, { failure });
  }

  /** Made, and then it does not carry: the one case in which a link fails after its end. */
  lost(link: string, failure: Failure): void {
    this.#tracks.of(link).hasEnded = false;
    this.failed(link, failure);
  }

  /** The pass is over, and this is the last of its plans. `absence`: why a node that does not run is not there. */
  settled(plan: Plan, { failures, skipped }: Outcome, absence: (missing: MissingNode) => string): void {
    const failureOf = new Map(failures.map((failure) => [subjectText(failure.subject), failure]));
    for (const { link, verdict, cause } of plan.links) {
      const failure = failureOf.get(link);
      if (failure !== undefined) this.failed(link, failure);
      else if (verdict === 'blocked') this.#end('failed', this.#tracks.of(link), cause);
      else if (skipped.has(link)) this.#end('waits', this.#tracks.of(link), INTERRUPTED);
      else if (verdict === 'waits') this.#end('waits', this.#tracks.of(link), cause);
    }
    for (const track of this.#tracks.all()) {
      if (track.fate === null || track.hasEnded) continue;
      const isRemoved = track.fate.change === 'remove';
      const failure = isRemoved ? this.#refusals.ofRemoval(track.link) : failureOf.get(track.link);
      this.#conclude(track, failure, skipped);
    }
    for (const { link, missing } of missingLinks(this.#network))
      this.#tell('waits', linkSubject(link), absence(missing));
  }

  /** A whole lab was taken away, but for the links that are `left`, which fail by this failure. */
  takenAway(left: ReadonlySet<string>, failure: Failure | undefined): void {
    for (const track of this.#tracks.all()) {
      if (left.has(track.link) && failure !== undefined) this.failed(track.link, failure);
      else this.#succeed(track);
    }
  }

  #conclude(track: Track, failure: Failure | undefined, skipped: ReadonlySet<string>): void {
    if (failure !== undefined) this.failed(track.link, failure);
    else if (skipped.has(track.link)) this.#end('waits', track, INTERRUPTED);
    else this.#succeed(track);
  }

  #begin(track: Track): void {
    if (track.fate === null || track.hasBegun || track.hasEnded) return;
    track.hasBegun = true;
    if (!this.#listener.hears.has('begun')) return;
    const { change, cause } = track.fate;
    const facts = change === 'make' || change === 'remake' ? this.#factsOf(track) : null;
    this.#tell('begun', track.subject, cause, facts === null ? { change } : { change, facts });
  }

  #factsOf({ subject, described }: Track): LinkFacts | null {
    if (described !== null) return factsOf(described);
    return subject.kind === 'tunnel' ? this.#tunnels.of(subject.dev) : null;
  }

  #succeed(track: Track): void {
    if (track.fate === null) return;
    // What a worker that died had finished was begun all the same.
    this.#begin(track);
    this.#end(ENDS[track.fate.change], track, track.fate.cause);
  }

  #end(step: LinkStep, track: Track, cause: string, more?: More): void {
    if (track.hasEnded) return;
    track.hasEnded = true;
    this.#tell(step, track.subject, cause, more);
  }

  #tell(step: LinkStep, subject: Subject, cause: string | null, more?: More): void {
    tellStep(this.#listener, step, subject, cause, this.#revision, more);
  }
}

/** Tell a step, if it is heard. */
export function tellStep(
  { hears, tell }: LinkListener,
  step: LinkStep,
  subject: Subject,
  cause: string | null,
  revision: number | null,
  more?: More,
): void {
  if (!hears.has(step)) return;
  const atMs = performance.now();
  if (more === undefined) return tell({ type: step, subject, cause, revision, atMs });
  const { change, facts, failure } = more;
  // Each shape is written out: a spread costs as much as all the rest of an event together.
  if (failure !== undefined) tell({ type: step, subject, cause, revision, atMs, failure });
  else if (change === undefined) tell({ type: step, subject, cause, revision, atMs, ...(facts && { facts }) });
  else if (facts === undefined) tell({ type: step, subject, cause, revision, atMs, change });
  else tell({ type: step, subject, cause, revision, atMs, change, facts });
}

function missingLinks(network: Network | null): readonly { readonly link: string; readonly missing: MissingNode }[] {
  return (network?.pending ?? []).flatMap((missing) =>
    missing.links.map(({ dev }) => ({ link: `${missing.selector.name}:${dev}`, missing })),
  );
}
