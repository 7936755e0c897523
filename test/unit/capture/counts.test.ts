import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counts } from '../../../src/lab/capture/counts.ts';

test('what links that share a socket have lost is counted once, and said of each of them', () => {
  const counts = new Counts(4);
  assert.deepEqual(counts.of(3), { received: 0, dropped: 0, delivered: 0, remark: '' });
  counts.take({
    received: Float64Array.of(9, 8, 7, 6),
    dropped: Float64Array.of(0, 1, 0, 2),
    delivered: Float64Array.of(9, 7, 7, 4),
    together: [
      { ids: [0, 2], dropped: 30 },
      { ids: [2], dropped: 4 },
    ],
  });
  assert.deepEqual([counts.delivered(), counts.dropped()], [27, 37]);
  assert.deepEqual(counts.of(1), { received: 8, dropped: 1, delivered: 7, remark: '' });
  const remark = (packets: number): string =>
    `${packets} packets of the 2 links that share a socket found no room; how many of this one is not known`;
  assert.deepEqual(counts.of(0), { received: null, dropped: null, delivered: 9, remark: remark(30) });
  assert.deepEqual(counts.of(2), { received: null, dropped: null, delivered: 7, remark: remark(34) });
  assert.ok(counts.remarkBytes() >= 2 * remark(30).length);
});
