import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cachedDataVersionTag } from 'node:v8';
import { holdOptimising, resumeOptimising } from '../../../src/engine/machine/optimising.ts';

test('V8 optimises nothing in a run of middling size, and has the flags that it began with before a thread starts', () => {
  // The tag is another one with other flags: code that is kept is taken only if it is the same.
  const began = cachedDataVersionTag();
  holdOptimising(99);
  assert.equal(cachedDataVersionTag(), began, 'so little is not worth it');
  holdOptimising(20_000);
  assert.equal(cachedDataVersionTag(), began, 'so much has to be optimised');
  holdOptimising(400);
  assert.notEqual(cachedDataVersionTag(), began);
  resumeOptimising();
  assert.equal(cachedDataVersionTag(), began);
  holdOptimising(400);
  assert.equal(cachedDataVersionTag(), began, 'once in a process');
});
