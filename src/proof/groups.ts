/**
 * A proof of many wires is made of groups of domains, one after the other: what is asked of a wire takes several times the memory of what
 * is found out. Pure, as its rounds are.
 */
import { packed } from '../grouped.ts';
import type { ProbeArrivals } from '../wire/probe.ts';
import type { Domain, End } from './end.ts';
import { type Finding, findingsOf } from './findings.ts';
import { type Batch, Ledger, type Stray, whereabouts } from './ledger.ts';
import { allPairs, rounds, type Step } from './rounds.ts';

/** The most ends of a group, unless one domain has more. A group that is not in order takes some two seconds, whatever its size. */
const ENDS_AT_A_TIME = 16_384;

/** A batch to send after a pause. What became of it is to be noted before the next one is asked for. */
export interface Sending {
  readonly pauseMs: number;
  readonly batch: Batch;
  readonly note: (refused: Int32Array, arrivals: ProbeArrivals) => void;
}

const NOTHING_MORE: IteratorResult<Step, void> = { done: true, value: undefined };

/** What was found out of all wires. */
export interface Findings {
  readonly findings: readonly Finding[];
  /** Probes that arrived where they do not belong, each pair of places once. */
  readonly strays: readonly Stray[];
  readonly sent: number;
  readonly arrived: number;
}

/** Yields batches until all is found out. It is given the milliseconds that are left; with none left, what was not begun is not proved. */
export function* groupwise(
  ends: readonly End[],
  domains: readonly Domain[],
  mostEnds = ENDS_AT_A_TIME,
): Generator<Sending, Findings, number> {
  const found = { findings: [] as Finding[], strays: [] as Stray[], sent: 0, arrived: 0 };
  const where = whereabouts(ends, domains);
  let first = 0;
  let leftMs = Number.POSITIVE_INFINITY;
  for (const group of groupsOf(domains, mostEnds)) {
    const ledger = new Ledger(where, allPairs(group));
    const steps = rounds(group, ledger, ends.length);
    let step = leftMs > 0 ? steps.next(leftMs) : NOTHING_MORE;
    while (!step.done) {
      const { batch } = step.value;
      const note: Sending['note'] = (refused, arrivals) => ledger.note(batch, refused, arrivals, first);
      leftMs = yield { ...step.value, note };
      first += batch.batch.from.length;
      step = steps.next(leftMs);
    }
    ledger.isOutOfTime = leftMs === 0;
    for (const domain of group) for (const finding of findingsOf(domain, ledger)) found.findings.push(finding);
    for (const stray of ledger.strays) found.strays.push(stray);
    found.sent += ledger.sent;
    found.arrived += ledger.arrived;
  }
  return found;
}

/** Domains with impairments come last, since they make all others of their group wait. */
function groupsOf(domains: readonly Domain[], mostEnds: number): readonly (readonly Domain[])[] {
  const isSlow = ({ ends }: Domain): boolean => ends.some(({ impairments }) => impairments.length > 0);
  const inOrder = [...domains.filter((one) => !isSlow(one)), ...domains.filter(isSlow)];
  return packed(inOrder, ({ ends }) => ends.length, mostEnds);
}
