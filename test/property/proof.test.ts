/**
 * Random labs with random faults, proved against a model of how frames go: the verdicts are the faults, all of them and no others. The
 * real frames are the business of the kernel tests.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Domain, End } from '../../src/proof/end.ts';
import { groupwise } from '../../src/proof/groups.ts';
import type { Batch } from '../../src/proof/ledger.ts';
import type { LinkProof } from '../../src/proof/proof.ts';
import { proofsOf } from '../../src/proof/verdicts.ts';
import { type ProbeArrivals, TO_ALL } from '../../src/wire/probe.ts';

const RUNS = 400;
const SHORT_BYTES = 1400 + 14;

/** `out`, `in`: what it sends, what comes to it is dropped; `both`; `mtu`: large frames are; `moved`: it is tied to the next domain. */
const FAULTS = ['out', 'in', 'both', 'mtu', 'moved'] as const;
type Fault = (typeof FAULTS)[number];

/** That an end is elsewhere shows only if something is heard there: where those are at fault, too, it may be silence. */
const STATES: Readonly<Record<Fault, readonly string[]>> = {
  ...{ out: ['one-way'], in: ['one-way'], both: ['nothing'], mtu: ['mtu'], moved: ['miswired', 'nothing'] },
};

interface LabModel {
  readonly domains: readonly Domain[];
  readonly ends: readonly End[];
  /** By the number of the end. */
  readonly faults: ReadonlyMap<number, Fault>;
}

/** Fewer than half of a domain's ends are at fault: else nobody could say which half is. Of two ends one may be. */
const labs: fc.Arbitrary<LabModel> = fc
  .array(
    fc.integer({ min: 2, max: 9 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        faults: fc.uniqueArray(fc.record({ at: fc.nat(size - 1), fault: fc.constantFrom(...FAULTS) }), {
          maxLength: size === 2 ? 1 : Math.floor((size - 1) / 2),
          selector: ({ at }) => at,
        }),
      }),
    ),
    { minLength: 2, maxLength: 6 },
  )
  .map((written) => {
    const ends: End[] = [];
    const faults = new Map<number, Fault>();
    const domains = written.map(({ size, faults: own }, at): Domain => {
      const first = ends.length;
      for (let place = 0; place < size; place++) ends.push(endOf(first + place));
      for (const { at: place, fault } of own) faults.set(first + place, fault);
      return {
        ...{ key: `bridge b${at}`, label: `b${at}`, bridge: `b${at}`, below: null, manner: 'free', absent: [] },
        ends: ends.slice(first),
      };
    });
    return { domains, ends, faults };
  });

function endOf(number: number): End {
  return {
    ...{ number, link: { id: `n${number}:eth0` }, mac: `c2:00:00:00:00:${number}`, mtuBytes: 1500 },
    ...{ place: `netns/n${number} eth0`, parent: null, meetsSiblings: false, address: null, impairments: [] },
  };
}

/** Where the frames of a batch arrive. */
function delivered({ domains, ends, faults }: LabModel, { batch }: Batch, first: number): ProbeArrivals {
  const homeOf = new Map(domains.flatMap((domain, at) => domain.ends.map((end) => [end.number, at] as const)));
  const placeOf = (end: number): number => {
    const home = homeOf.get(end) ?? 0;
    return faults.get(end) === 'moved' ? (home + 1) % domains.length : home;
  };
  const sends = (end: number, bytes: number): boolean => passes(faults.get(end), 'out', bytes);
  const takes = (end: number, bytes: number): boolean => passes(faults.get(end), 'in', bytes);
  const found: { probe: number; at: number }[] = [];
  batch.from.forEach((from, index) => {
    const [to, bytes] = [batch.to[index] ?? TO_ALL, batch.bytes[index] ?? 0];
    if (to === from || !sends(from, bytes)) return;
    for (const { number } of ends) {
      if (number === from || (to !== TO_ALL && to !== number)) continue;
      if (placeOf(number) === placeOf(from) && takes(number, bytes)) found.push({ probe: first + index, at: number });
    }
  });
  return {
    probe: Int32Array.from(found, ({ probe }) => probe),
    at: Int32Array.from(found, ({ at }) => at),
    tookNs: Float64Array.from(found, () => 1000),
    others: [],
  };
}

function passes(fault: Fault | undefined, way: 'out' | 'in', bytes: number): boolean {
  return fault !== way && fault !== 'both' && !(fault === 'mtu' && bytes > SHORT_BYTES);
}

/** `leftMs`: how much time there is after the first batch. */
function proved(lab: LabModel, endsAtATime: number, leftMs = 60_000): readonly LinkProof[] {
  const sendings = groupwise(lab.ends, lab.domains, endsAtATime);
  let first = 0;
  let next = sendings.next(60_000);
  while (!next.done) {
    const { batch, note } = next.value;
    const count = batch.batch.from.length;
    note(new Int32Array(count), delivered(lab, batch, first));
    first += count;
    next = sendings.next(leftMs);
  }
  const reasons = { causeAt: () => null, leastAt: () => null, whereToLook: () => '?' };
  return proofsOf(next.value, reasons, () => '?');
}

function verdicts(lab: LabModel): ReadonlyMap<number, string> {
  return new Map(proved(lab, Number.POSITIVE_INFINITY).map(({ state }, number) => [number, state]));
}

test('the verdicts are the faults, all of them and no others', () => {
  fc.assert(
    fc.property(labs, (lab) => {
      const said = verdicts(lab);
      for (const { ends } of lab.domains) {
        const own = ends.flatMap(({ number }) => lab.faults.get(number) ?? []);
        for (const { number } of ends) {
          const fault = lab.faults.get(number);
          const state = said.get(number);
          // Of two ends that do not hear each other nobody can say which is at fault: both are named.
          if (ends.length === 2) assert.equal(state !== 'ok', own.length > 0, `n${number} ${state}: ${own}`);
          else if (fault === undefined) assert.equal(state, 'ok', `n${number} is sound`);
          else assert.ok(STATES[fault].includes(state ?? ''), `n${number} is ${fault}, not ${state}`);
        }
      }
    }),
    { numRuns: RUNS },
  );
});

test('a proof in groups of domains says the same of each link as one of all at once', () => {
  fc.assert(
    fc.property(labs, fc.integer({ min: 1, max: 12 }), (lab, endsAtATime) => {
      assert.deepEqual(proved(lab, endsAtATime), proved(lab, Number.POSITIVE_INFINITY));
    }),
    { numRuns: RUNS },
  );
});

test('of a group that was not begun when the time was out nothing is proved', () => {
  fc.assert(
    fc.property(labs, (lab) => {
      const states = proved({ ...lab, faults: new Map() }, 1, 0).map(({ state }) => state);
      const begun = lab.domains[0]?.ends.length ?? 0;
      assert.ok(states.slice(0, begun).every((state) => state === 'ok'));
      assert.ok(states.slice(begun).every((state) => state === 'not-proved'));
    }),
    { numRuns: RUNS },
  );
});
