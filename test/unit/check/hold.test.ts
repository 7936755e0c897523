/** How long a check is tried again, and how long it must hold. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hold, type Patience } from '../../../src/lab/check/hold.ts';

const patience = (more: Partial<Patience>): Patience => ({
  ...{ withinMs: 0, forMs: 0, untilMs: Number.POSITIVE_INFINITY, signal: null },
  ...more,
});

/** Answers one after the other; the last one again and again. */
function answers(...list: readonly (string | null)[]) {
  let count = 0;
  const attempt = async (): Promise<string | null> => list[Math.min(count++, list.length - 1)] ?? null;
  return { attempt, count: () => count };
}

describe('a check', () => {
  test('that holds is tried once', async () => {
    const { attempt, count } = answers(null);
    assert.equal(await hold(patience({ withinMs: 60_000 }), attempt), null);
    assert.equal(count(), 1);
  });

  test('that fails without time is tried once, and says why', async () => {
    const { attempt, count } = answers('no');
    assert.equal(await hold(patience({}), attempt), 'no');
    assert.equal(count(), 1);
  });

  test('is tried again within its time', async () => {
    const { attempt, count } = answers('a', 'b', null);
    assert.equal(await hold(patience({ withinMs: 60_000 }), attempt), null);
    assert.equal(count(), 3);
  });

  test('says at the end what the last try said', async () => {
    const { attempt } = answers('first', 'last');
    assert.equal(await hold(patience({ withinMs: 150 }), attempt), 'last');
  });

  test('must hold without a break, also past its time', async () => {
    const begunMs = performance.now();
    const { attempt, count } = answers(null);
    assert.equal(await hold(patience({ withinMs: 50, forMs: 400 }), attempt), null);
    assert.ok(performance.now() - begunMs >= 400);
    assert.ok(count() >= 3);
  });

  test('that breaks after its time has failed; before it, it has another chance', async () => {
    assert.equal(await hold(patience({ withinMs: 50, forMs: 300 }), answers(null, null, 'broke').attempt), 'broke');
    assert.equal(await hold(patience({ withinMs: 5000, forMs: 300 }), answers(null, 'broke', null).attempt), null);
  });

  test('ends with the whole, and says that it held too short', async () => {
    const untilMs = performance.now() + 150;
    assert.match((await hold(patience({ withinMs: 9e6, untilMs }), answers('no').attempt)) ?? '', /^no$/);
    const late = performance.now() + 150;
    const why = await hold(patience({ forMs: 60_000, untilMs: late }), answers(null).attempt);
    assert.match(why ?? '', /^it held for \d+ ms only, and not 60 s$/);
  });

  test('ends when it is interrupted', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    const why = await hold(patience({ withinMs: 60_000, signal: abort.signal }), answers('no').attempt);
    assert.equal(why, 'no');
  });
});
