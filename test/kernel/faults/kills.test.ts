/** A short kill matrix; the long one is test/faults/kills.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figures } from '../../support/faults/amount.ts';
import { killMatrix } from '../../support/faults/kill-matrix.ts';
import { needs } from '../../support/needs.ts';

test('after kill -9 at some moments, one up is exact and one down leaves nothing', {
  timeout: 170_000,
  ...needs('root', 'program:ip'),
}, async () => {
  const result = await killMatrix({ nodes: 6, links: 48, kills: 9, budgetMs: 40_000 });
  figures('short kill matrix', result);
  assert.ok(result.kills >= 3, JSON.stringify(result));
});
