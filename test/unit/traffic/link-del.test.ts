import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPortion } from '../../../workers/ops/link-del.ts';

test('a message deletes as many bridges as the kernel takes 200 ms for, by the last one: 1 to 12', () => {
  assert.equal(nextPortion(8, 16), 12, 'a kernel that waits for none');
  assert.equal(nextPortion(8, 152), 10);
  assert.equal(nextPortion(10, 186), 10);
  assert.equal(nextPortion(12, 451), 5, 'a busy machine');
  assert.equal(nextPortion(1, 900), 1);
  assert.equal(nextPortion(3, 0), 12);
});
