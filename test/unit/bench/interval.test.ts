/** The interval of a median, against the tables of the binomial distribution. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { medianInterval } from '../../../bench/alone/interval.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => count - at);

test('the interval of a median is between the values that the tables say', () => {
  assert.deepEqual(medianInterval(upTo(6)), [1, 6]);
  assert.deepEqual(medianInterval(upTo(11)), [2, 10]);
  assert.deepEqual(medianInterval(upTo(21)), [6, 16]);
  assert.throws(() => medianInterval(upTo(5)), /5 values are too few/);
});
