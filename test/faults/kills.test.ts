/**
 * `faults/` are the long proofs, `npm run test:faults`: minutes each, bounded, with figures. Short ones of the same kind are in
 * test/kernel/faults/. LINKLOOM_FAULTS_… in the environment makes one shorter or longer; its seed is printed, and
 * LINKLOOM_FAULTS_SEED has it done again.
 *
 * This file: 200 kills at random moments, on a lab of 200 links and 80 namespaces, many enough to be made ahead.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amount, figures } from '../support/faults/amount.ts';
import { killMatrix } from '../support/faults/kill-matrix.ts';

test('after kill -9 at any moment, one up is exact and one down leaves nothing', async () => {
  const kills = amount('KILLS', 200);
  const result = await killMatrix({ nodes: 80, links: 200, kills, budgetMs: 3_000_000 });
  figures('kill matrix', result);
  assert.equal(result.kills, kills);
});
