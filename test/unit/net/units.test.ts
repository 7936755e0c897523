import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parsePercent,
  parseRateBits,
  parseSizeBytes,
  parseTimeNs,
  printPercent,
  printRateBits,
  printTimeUs,
} from '../../../src/net/units.ts';

test('times', () => {
  const table: readonly (readonly [string, number | null])[] = [
    ['10ms', 10e6],
    ['1.5s', 1.5e9],
    ['200', 200e3],
    ['200us', 200e3],
    ['3usecs', 3e3],
    ['1MSEC', 1e6],
    ['7ns', 7],
    ['.5ms', 5e5],
    ['1e3us', 1e6],
    ['1m', null],
    ['-1ms', null],
    ['ms', null],
    ['', null],
  ];
  for (const [text, timeNs] of table) assert.equal(parseTimeNs(text, 'us'), timeNs, text);
  assert.equal(parseTimeNs('200', 'ns'), 200);
});

test('percentages need no sign and end at 100', () => {
  const table: readonly (readonly [string, number | null])[] = [
    ['5', 0.05],
    ['0.5%', 0.005],
    ['100%', 1],
    ['0', 0],
    ['101', null],
    ['5ms', null],
    ['%', null],
  ];
  for (const [text, probability] of table) assert.equal(parsePercent(text), probability, text);
});

test('rates count by 1000, with an i by 1024, and in bytes with bps', () => {
  const table: readonly (readonly [string, number | null])[] = [
    ['1000', 1000],
    ['8bit', 8],
    ['100mbit', 100e6],
    ['1.5Mbit', 1.5e6],
    ['1gbit', 1e9],
    ['2tbit', 2e12],
    ['10Kibps', 81920],
    ['1mibit', 1048576],
    ['125kBps', 1e6],
    ['1mb', null],
    ['50%', null],
    ['fast', null],
  ];
  for (const [text, rate] of table) assert.equal(parseRateBits(text), rate, text);
});

test('sizes count by 1024', () => {
  const table: readonly (readonly [string, number | null])[] = [
    ['1500', 1500],
    ['1k', 1024],
    ['1.5kb', 1536],
    ['2m', 2097152],
    ['8kbit', 1024],
    ['3.9', 3],
    ['1t', null],
  ];
  for (const [text, bytes] of table) assert.equal(parseSizeBytes(text), bytes, text);
});

test('printing picks the largest unit that stays whole', () => {
  assert.equal(printTimeUs(10_000), '10ms');
  assert.equal(printTimeUs(1_500), '1500us');
  assert.equal(printTimeUs(2_000_000), '2s');
  assert.equal(printTimeUs(0.5), '0.5us');
  assert.equal(printTimeUs(0), '0us');
  assert.equal(printRateBits(100e6), '100mbit');
  assert.equal(printRateBits(1_500_000), '1500kbit');
  assert.equal(printRateBits(1001), '1001bit');
  assert.equal(printPercent(0.07), '7%');
  assert.equal(printPercent(0.005), '0.5%');
});
