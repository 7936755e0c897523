/** Which state of a record is the newer one: by revision within an epoch, by epoch else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNews, isReached } from '../../../src/cluster/identity.ts';

const EARLY = '2026-01-01T00:00:00.000000001Z';
const LATE = '2026-01-01T00:00:01Z';

test('a later revision of the same epoch is news, the same and earlier ones are not', () => {
  assert.equal(isNews(null, { epoch: EARLY, revision: 1 }), true);
  assert.equal(isNews({ epoch: EARLY, revision: 5 }, { epoch: EARLY, revision: 6 }), true);
  assert.equal(isNews({ epoch: EARLY, revision: 5 }, { epoch: EARLY, revision: 5 }), false);
  assert.equal(isNews({ epoch: EARLY, revision: 5 }, { epoch: EARLY, revision: 4 }), false);
});

test('any revision of a later epoch is news, and none of an earlier one', () => {
  assert.equal(isNews({ epoch: EARLY, revision: 500 }, { epoch: LATE, revision: 1 }), true);
  assert.equal(isNews({ epoch: LATE, revision: 1 }, { epoch: EARLY, revision: 500 }), false);
});

test('a revision is reached only within its own epoch', () => {
  assert.equal(isReached({ epoch: EARLY, revision: 5 }, { epoch: EARLY, revision: 5 }), true);
  assert.equal(isReached({ epoch: EARLY, revision: 500 }, { epoch: LATE, revision: 1 }), false);
  assert.equal(isReached(null, { epoch: LATE, revision: 1 }), false);
});
