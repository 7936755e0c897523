/** Which VNIs the wires between hosts have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Asked, blockOf, freeBlocks, giveVnis, type Numbers } from '../../../src/spread/vni.ts';

const before: Numbers = { vni: { a: 16_386, b: 16_385 }, block: [1], retired: {} };

function given(more: Partial<Asked>): Numbers {
  const answer = giveVnis({ domains: ['a', 'b'], before, revision: 7, reached: 7, taken: new Set(), ...more });
  assert.ok('numbers' in answer);
  return answer.numbers;
}

test('a wire keeps its number, and a new one gets the lowest free one', () => {
  assert.deepEqual(given({ domains: ['c', 'b', 'a'] }).vni, { c: 16_387, b: 16_385, a: 16_386 });
});

test('the number of a wire that is gone rests until every host has a later revision', () => {
  const gone = given({ domains: ['a'] });
  assert.deepEqual(gone, { vni: { a: 16_386 }, block: [1], retired: { 16385: 7 } });
  const later = { before: gone, domains: ['a', 'c'] };
  for (const reached of [0, 6, 7])
    assert.deepEqual(given({ ...later, revision: 9, reached }).vni, { a: 16_386, c: 16_387 });
  assert.deepEqual(given({ ...later, revision: 9, reached: 8 }), {
    vni: { a: 16_386, c: 16_385 },
    block: [1],
    retired: {},
  });
});

test("a number of the file's own tunnels is left to them", () => {
  assert.deepEqual(given({ taken: new Set([16_385, 16_387]) }), {
    ...{ vni: { a: 16_386, b: 16_388 }, block: [1], retired: { 16385: 7 } },
  });
});

test('what does not fit says how many blocks are missing', () => {
  const domains = Array.from({ length: 16_384 }, (_, at) => `w${at}`);
  const none = { vni: {}, block: [], retired: {} };
  assert.deepEqual(giveVnis({ domains, before: none, revision: 0, reached: 0, taken: new Set() }), { missing: 2 });
  assert.deepEqual(giveVnis({ domains, before: { ...none, block: [3] }, revision: 0, reached: 0, taken: new Set() }), {
    missing: 1,
  });
  const { vni } = given({ domains, before: { ...none, block: [3, 9] } });
  assert.equal(new Set(Object.values(vni)).size, 16_384);
  assert.deepEqual([vni['w0'], vni['w16382'], vni['w16383']], [3 * 16_384 + 1, 3 * 16_384 + 16_383, 9 * 16_384 + 1]);
  assert.deepEqual([...new Set(Object.values(vni).map(blockOf))], [3, 9]);
});

test('blocks that are free come in order, and end where 24 bits do', () => {
  const owned = new Set([1, 2, 4]);
  const free = [...freeBlocks(owned)];
  assert.deepEqual([free[0], free[1], free.at(-1), free.length], [3, 5, 1023, 1020]);
  assert.equal(1023 * 16_384 + 16_383, 2 ** 24 - 1);
});
