import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onInterrupt } from '../../../src/cli/interrupt.ts';
import type { Context } from '../../../src/cli/verb.ts';
import type { Event } from '../../../src/events.ts';
import { fakeSink } from '../../support/sink.ts';

class Ended extends Error {}

function contextOf(ended: number[]): Context {
  const sink = fakeSink();
  const exitNow = (status: number): never => {
    ended.push(status);
    throw new Ended();
  };
  return { out: sink, err: sink, env: {}, stop: { received: null }, bare: false, exitNow };
}

test('the first signal asks for an end, the second ends at once, after the block neither is heard', () => {
  const ended: number[] = [];
  const events: Event[] = [];
  const context = contextOf(ended);
  const before = process.listenerCount('SIGTERM');
  {
    using interrupt = onInterrupt(context, (event) => events.push(event), 'finishing');
    assert.equal(interrupt.signal.aborted, false);
    process.emit('SIGTERM', 'SIGTERM');
    assert.equal(interrupt.signal.aborted, true);
    assert.equal(context.stop.received, 'SIGTERM');
    assert.deepEqual(events, [{ type: 'notice', message: 'SIGTERM: finishing; a second signal stops at once' }]);
    assert.deepEqual(ended, []);
    assert.throws(() => process.emit('SIGINT', 'SIGINT'), Ended);
    assert.deepEqual(ended, [130]);
  }
  assert.equal(process.listenerCount('SIGTERM'), before);
});

test('a signal while the configuration is loaded ends the wait for the work; later it is left to the work', async () => {
  const context = contextOf([]);
  const events: Event[] = [];
  const emit = (event: Event): number => events.push(event);
  {
    using interrupt = onInterrupt(context, emit, 'finishing');
    const given = interrupt.whileLoading(() => new Promise(() => {}));
    process.emit('SIGINT', 'SIGINT');
    await assert.rejects(given, { code: 'E_INTERRUPTED', message: 'interrupted before anything was touched' });
    assert.equal(interrupt.signal.aborted, true);
    assert.deepEqual(events, []);
  }
  context.stop.received = null;
  using interrupt = onInterrupt(context, emit, 'finishing');
  const given = interrupt.whileLoading(async (tell) => {
    tell({ type: 'stage', stage: 'load', state: 'end', elapsedMs: 1 });
    process.emit('SIGTERM', 'SIGTERM');
    await Promise.resolve();
    return interrupt.signal.aborted;
  });
  assert.equal(await given, true);
  assert.match(JSON.stringify(events.at(-1)), /SIGTERM: finishing/);
});
