import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Endurance } from '../../../src/cluster/nats/endurance.ts';
import { patiently } from '../../../src/cluster/nats/patience.ts';

test('silences count once for all calls, and work between them does not', () => {
  const endurance = new Endurance(30_000);
  endurance.failed(1000);
  assert.equal(endurance.leftMs(6000), 25_000);
  // One that was begun later is of the same silence.
  endurance.failed(4000);
  assert.equal(endurance.leftMs(11_000), 20_000);
  endurance.answered(11_000);
  assert.equal(endurance.leftMs(60_000), 20_000, 'while the store answers nothing is used up');
  endurance.failed(60_000);
  assert.equal(endurance.leftMs(75_000), 5000);
  endurance.answered(75_000);
  // A try that was begun before that answer has waited for it, too.
  endurance.failed(70_000);
  assert.equal(endurance.leftMs(79_000), 1000);
  assert.equal(endurance.leftMs(90_000), 0);
});

test('a second call has only what the first one has left', async () => {
  const endurance = new Endurance(600);
  const patience = { where: 'nats://nowhere', endurance, signal: null };
  const lefts: number[] = [];
  let tries = 0;
  const first = await patiently(async ({ leftMs }) => {
    lefts.push(leftMs);
    tries += 1;
    if (tries < 2) throw new Error('timeout');
    return tries;
  }, patience);
  assert.equal(first, 2);
  // 600 less the pause before the second try, 250; a timer may go off 1 ms early.
  assert.ok(endurance.leftMs(performance.now()) <= 351, 'the pause before the second try is used up');
  const silent = patiently(async ({ isAgain }) => {
    tries += 1;
    throw new Error(isAgain ? 'timeout again' : 'timeout');
  }, patience);
  await assert.rejects(silent, { code: 'E_STORE', message: /nats:\/\/nowhere did not answer within 1 s: timeout/ });
  assert.ok(tries <= 4, `${tries} tries`);
  assert.equal(lefts[0], 600);
});
