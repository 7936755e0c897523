/** VNIs through many changes of many labs: none is given twice while a host may still have it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { blockOf, freeBlocks, giveVnis, NO_NUMBERS, type Numbers } from '../../../src/spread/vni.ts';

interface Lab {
  numbers: Numbers;
  revision: number;
  /** What each revision had, by VNI. */
  readonly had: Map<number, ReadonlyMap<number, string>>;
}

/** Writes a lab's record anew, as whoever runs `up` does: makes the blocks that are missing, then gives numbers. */
function write(lab: Lab, name: string, domains: readonly string[], owned: Map<number, string>, reached: number): void {
  let before = lab.numbers;
  for (;;) {
    const given = giveVnis({ domains, before, revision: lab.revision, reached, taken: new Set() });
    if ('numbers' in given) {
      lab.revision++;
      lab.numbers = given.numbers;
      lab.had.set(lab.revision, new Map(Object.entries(given.numbers.vni).map(([of, vni]) => [vni, of])));
      return;
    }
    assert.ok(given.missing > 0);
    const made = [...freeBlocks(new Set(owned.keys()))].slice(0, given.missing);
    for (const block of made) owned.set(block, name);
    before = { ...before, block: [...before.block, ...made] };
  }
}

const change = fc.record({
  lab: fc.constantFrom('a', 'b', 'c'),
  domains: fc.uniqueArray(
    fc.nat(30).map((at) => `w${at}`),
    { maxLength: 20 },
  ),
  /** How far behind the slowest host is. */
  lag: fc.nat(4),
});

test('no VNI of a revision that a host may still have becomes that of another wire', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const labs = new Map<string, Lab>();
      const owned = new Map<number, string>();
      const seen = new Map<string, number>();
      for (const { lab: name, domains, lag } of changes) {
        const lab = labs.get(name) ?? { numbers: NO_NUMBERS, revision: 0, had: new Map() };
        labs.set(name, lab);
        // Hosts never go back.
        const reached = Math.max(seen.get(name) ?? 0, lab.revision - lag);
        seen.set(name, reached);
        write(lab, name, domains, owned, reached);
        assert.deepEqual(Object.keys(lab.numbers.vni).sort(), [...domains].sort());
        const now = lab.had.get(lab.revision) ?? new Map();
        assert.equal(now.size, domains.length);
        for (const [vni, of] of now) {
          assert.equal(owned.get(blockOf(vni)), name);
          for (let old = reached; old < lab.revision; old++) {
            const then = lab.had.get(old)?.get(vni);
            assert.ok(then === undefined || then === of, `${vni} was that of ${then} in ${old}, and is that of ${of}`);
          }
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('a wire that stays keeps its number, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 2, maxLength: 20 }), (changes) => {
      const lab: Lab = { numbers: NO_NUMBERS, revision: 0, had: new Map() };
      const owned = new Map<number, string>();
      for (const { domains } of changes) {
        const { vni: before } = lab.numbers;
        write(lab, 'a', domains, owned, lab.revision);
        for (const of of domains) assert.ok(before[of] === undefined || before[of] === lab.numbers.vni[of]);
      }
    }),
  );
});

test('two labs of 8,000 wires, and one of 160,000, have no VNI in common', () => {
  const owned = new Map<number, string>();
  const all = new Set<number>();
  for (const [name, count] of [
    ['a', 8000],
    ['b', 8000],
    ['c', 160_000],
  ] as const) {
    const lab: Lab = { numbers: NO_NUMBERS, revision: 0, had: new Map() };
    write(
      lab,
      name,
      Array.from({ length: count }, (_, at) => `w${at}`),
      owned,
      0,
    );
    for (const vni of Object.values(lab.numbers.vni)) all.add(vni);
    assert.equal(lab.numbers.block.length, Math.ceil(count / 16_383));
  }
  assert.equal(all.size, 176_000);
});
