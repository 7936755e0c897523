/** Flaps, whatever is asked: as many as asked for, in their time, and never two at once on a link. */
import { test } from 'node:test';
import fc from 'fast-check';
import type { TimelineStep } from '../../../src/config/play/timeline.ts';
import { momentsOf, roomForFlaps } from '../../../src/play/schedule.ts';

test('flaps fit their time, and a link is down once at a time', () => {
  const asked = fc.record({
    seed: fc.nat(2 ** 32 - 1),
    links: fc.integer({ min: 1, max: 6 }),
    count: fc.integer({ min: 1, max: 40 }),
    overMs: fc.integer({ min: 1, max: 5000 }),
    fromMs: fc.integer({ min: 1, max: 300 }),
    moreMs: fc.integer({ min: 0, max: 300 }),
    atMs: fc.nat(1000),
  });
  fc.assert(
    fc.property(asked, ({ seed, links, count, overMs, fromMs, moreMs, atMs }) => {
      const action = { kind: 'flaps', count, overMs, downMs: { from: fromMs, to: fromMs + moreMs } } as const;
      const step: TimelineStep = { number: 1, name: null, atMs, links: ['*:*'], both: false, action };
      fc.pre(count <= roomForFlaps(step, links));
      const names = Array.from({ length: links }, (_, at) => `n${at}:eth0`);
      const timeline = { name: null, seed, rounds: 2, lengthMs: atMs + overMs, until: null, steps: [step] } as const;
      const moments = [...momentsOf(timeline, () => names)];
      if (moments.length !== 4 * count) return false;
      const down = new Map<string, number>();
      for (const { link, atMs: time, change, round } of moments) {
        const startMs = (round - 1) * (atMs + overMs) + atMs;
        if (time < startMs || time > startMs + overMs || link === null || change === 'reset') return false;
        const since = down.get(link);
        if (change.down === (since !== undefined)) return false;
        if (since !== undefined) {
          const lastedMs = time - since;
          if (lastedMs < fromMs || lastedMs > fromMs + moreMs) return false;
          down.delete(link);
        } else down.set(link, time);
      }
      return down.size === 0;
    }),
  );
});
