import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Mode, type Modes, resolve } from '../../src/mdc/resolve.ts';

/** Graphs without circles: a mode needs only later ones. */
const graphs = fc
  .integer({ min: 1, max: 9 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        fc.record({
          needs: fc.array(fc.array(fc.integer({ min: index + 1, max: size }), { minLength: 1, maxLength: 3 }), {
            maxLength: index + 1 === size ? 0 : 3,
          }),
          after: fc.array(fc.integer({ min: index + 1, max: size }), { maxLength: 2 }),
        }),
      ),
      fc.constant({ needs: [] as number[][], after: [] as number[] }),
    ),
  )
  .map((nodes): readonly Mode[] =>
    nodes.map(({ needs, after }, index) => ({
      name: `m${index}`,
      path: '',
      needs: needs.map((options) => options.map((option) => `m${option}`)),
      after: after.map((option) => `m${option}`),
    })),
  );

const asModes = (list: readonly Mode[]): Modes => new Map(list.map((mode) => [mode.name, mode]));

/** The fewest modes that hold `m0` and settle all that they need, found by trying every set. */
function fewest(list: readonly Mode[]): number {
  let best = list.length;
  for (let bits = 1; bits < 1 << list.length; bits += 2) {
    const inSet = (name: string): boolean => ((bits >> Number(name.slice(1))) & 1) === 1;
    const whole = list.every(({ name, needs }) => !inSet(name) || needs.every((options) => options.some(inSet)));
    if (whole) best = Math.min(best, list.filter(({ name }) => inSet(name)).length);
  }
  return best;
}

test('a resolution is whole, smallest, in order, and always the same', () => {
  fc.assert(
    fc.property(graphs, (list) => {
      const modes = asModes(list);
      const got = resolve(modes, { needs: [['m0']], after: [] });
      const place = new Map(got.map(({ name }, index) => [name, index]));
      for (const { name } of got) {
        const mode = modes.get(name);
        for (const options of mode?.needs ?? []) {
          assert.ok(options.some((option) => (place.get(option) ?? 99) < (place.get(name) ?? -1)));
        }
        for (const other of mode?.after ?? []) assert.ok((place.get(other) ?? -1) < (place.get(name) ?? 99));
      }
      assert.equal(got.length, fewest(list));
      assert.deepEqual(resolve(asModes([...list].reverse()), { needs: [['m0']], after: [] }), got);
    }),
    { numRuns: 300 },
  );
});
