/** A timeline that is sent to a daemon says the same there: what it was read from does not matter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { PlayBody } from '../../../src/api/answers/playing.ts';
import { readTimeline } from '../../../src/config/play/read.ts';
import { writtenTimeline } from '../../../src/config/play/written.ts';

const time = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }).map((ms) => `${ms}ms`),
  fc.constantFrom('1.5s', '1m30s', '+2h', '0.001s'),
);
const delay = fc.oneof(
  fc.integer({ min: 0, max: 1e9 }).map((ns) => `${ns}ns`),
  fc.constantFrom('10ms', '1.25s', '200us'),
);
const share = fc.oneof(
  fc.double({ min: 0.0001, max: 99, noNaN: true }).map((x) => `${x.toFixed(4)}%`),
  fc.constant('100%'),
);
const rate = fc.oneof(
  fc.integer({ min: 8, max: 1e9 }).map((bits) => `${bits}bit`),
  fc.constantFrom('0.5mbit', '1gbit', '10kibps'),
);
const mtu = fc.integer({ min: 68, max: 65_535 });
const amounts = fc.record({ delay, jitter: delay, loss: share, rate, mtu, limit: mtu }, { requiredKeys: [] });
const set = fc
  .tuple(amounts, fc.constantFrom({}, { down: true }, { up: true }))
  .map(([given, state]) => ({ ...given, ...state }))
  .filter((given) => Object.keys(given).length > 0);
const ramp = fc.record(
  {
    delay: fc.record({ from: delay, to: delay }),
    rate: fc.record({ from: rate, to: rate }),
    mtu: fc.oneof(mtu, fc.record({ from: mtu, to: mtu })),
    over: fc.integer({ min: 100, max: 100_000 }).map((ms) => `${ms}ms`),
    every: fc.constantFrom('5ms', '100ms'),
  },
  { requiredKeys: ['delay', 'over'] },
);
const flaps = fc.record({
  flaps: fc.record({
    count: fc.integer({ min: 1, max: 100 }),
    down: fc.constantFrom<unknown>('20ms', { from: '10ms', to: '30ms' }),
    over: fc.constantFrom('1s', '1m'),
  }),
});
const step = fc
  .tuple(
    fc.oneof(set, ramp, flaps, fc.constant({ reset: true })),
    fc.oneof(fc.record({ at: fc.oneof(time, fc.constant(0)) }), fc.record({ after: time })),
    fc.record(
      {
        both: fc.boolean(),
        name: fc.constantFrom('cut', 'ä"\\'),
        links: fc.constantFrom<unknown>('r1:eth1', ['*', 'bridge/x']),
      },
      { requiredKeys: ['links'] },
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as object);
const timeline = fc.record(
  {
    steps: fc.array(step, { minLength: 1, maxLength: 5 }),
    seed: fc.nat(),
    name: fc.constantFrom('flaky', 'x y'),
    repeat: fc.constantFrom<unknown>(1, 3, 'forever'),
    length: fc.constantFrom('100h', '90h'),
  },
  { requiredKeys: ['steps', 'length'] },
);

test('written and read again it is the same, and the API takes it', async () => {
  await fc.assert(
    fc.asyncProperty(timeline, async (given) => {
      const { timeline: first, diagnostics } = await readTimeline('x.json', JSON.stringify(given));
      assert.ok(first !== null, JSON.stringify(diagnostics));
      const written = JSON.parse(JSON.stringify(writtenTimeline(first)));
      assert.ok(v.is(PlayBody, { timeline: written }), JSON.stringify(written));
      assert.deepEqual((await readTimeline('x.json', JSON.stringify(written))).timeline, first);
    }),
    { numRuns: 300 },
  );
});
