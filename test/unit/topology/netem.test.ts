import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '../../../src/topology/text/fault.ts';
import { netemOfImpair } from '../../../src/topology/text/impair.ts';
import { NO_NETEM, parseNetem } from '../../../src/topology/text/netem.ts';
import { printNetem } from '../../../src/topology/text/netem-print.ts';
import type { Netem } from '../../../src/topology/values.ts';

test('every option of tc-netem(8)', () => {
  const noSlot = { distribution: null, delayUs: null, jitterUs: null, packets: null, bytes: null };
  const table: readonly (readonly [string, Partial<Netem>])[] = [
    ['', {}],
    ['limit 1k', { limitPackets: 1024 }],
    ['delay 100', { delayUs: 100 }],
    ['delay 40ms 5ms 25%', { delayUs: 40_000, jitterUs: 5_000, delayCorrelation: 0.25 }],
    ['latency 1s', { delayUs: 1_000_000 }],
    ['delay 10ms 2ms distribution pareto', { delayUs: 10_000, jitterUs: 2_000, distribution: 'pareto' }],
    ['loss 1%', { loss: 0.01 }],
    ['loss random 1 25', { loss: 0.01, lossCorrelation: 0.25 }],
    ['drop 1%', { loss: 0.01 }],
    ['loss state 7%', { lossState: [0.07, 0.93, 0, 1, 0] }],
    ['loss state 1% 2% 3% 4% 5%', { lossState: [0.01, 0.02, 0.03, 0.04, 0.05] }],
    ['loss gemodel 1%', { lossGemodel: [0.01, 0.99, 1, 0] }],
    ['loss gemodel 1% 2% 3% 4%', { lossGemodel: [0.01, 0.02, 0.03, 0.04] }],
    ['loss 1% ecn', { loss: 0.01, ecn: true }],
    ['corrupt 0.1% 5%', { corrupt: 0.001, corruptCorrelation: 0.05 }],
    ['duplicate 1% 10%', { duplicate: 0.01, duplicateCorrelation: 0.1 }],
    ['reorder 25% 50% gap 5 delay 10ms', { reorder: 0.25, reorderCorrelation: 0.5, gap: 5, delayUs: 10_000 }],
    ['rate 1mbit', { rateBitsPerSec: 1_000_000 }],
    [
      'rate 5kbit -14 100 5',
      { rateBitsPerSec: 5_000, ratePacketOverheadBytes: -14, rateCellSizeBytes: 100, rateCellOverheadBytes: 5 },
    ],
    ['slot 800us', { slot: { minUs: 800, maxUs: 800, ...noSlot } }],
    ['slot 800 1000000', { slot: { minUs: 0.8, maxUs: 1000, ...noSlot } }],
    ['slot 1ms 2ms bytes 1k packets 9', { slot: { minUs: 1000, maxUs: 2000, ...noSlot, packets: 9, bytes: 1024 } }],
    [
      'slot distribution normal 1ms 200us packets 3',
      { slot: { minUs: 0, maxUs: 0, ...noSlot, distribution: 'normal', delayUs: 1000, jitterUs: 200, packets: 3 } },
    ],
    ['seed 18446744073709551615', { seed: '18446744073709551615' }],
    // Shortened keywords, as tc reads them.
    [
      'lim 5 del 1ms 1ms dist normal dup 1%',
      { limitPackets: 5, delayUs: 1e3, jitterUs: 1e3, distribution: 'normal', duplicate: 0.01 },
    ],
    // Several strings joined: the last word on a matter wins.
    ['delay 200ms delay 40ms rate 1mbit rate 10mbit', { delayUs: 40_000, rateBitsPerSec: 10_000_000 }],
  ];
  for (const [text, fields] of table) assert.deepEqual(parseNetem(text), { ...NO_NETEM, ...fields }, text);
});

test('what tc refuses is refused by name', () => {
  const table: readonly (readonly [string, string])[] = [
    ['bogus 5', '"bogus" is not an option of netem here'],
    ['delay', '"delay" lacks its value'],
    ['delay 10x', '"delay 10x": "10x" is not a time'],
    ['delay -5', '"delay -5": "-5" is not a time'],
    ['delay 10ms 2ms 101%', '"delay 101%": "101%" is not a percentage'],
    ['loss 1% loss 2%', '"loss" is given twice'],
    ['loss state 1% loss 2%', '"loss" is given twice'],
    ['loss bernoulli 1%', '"loss bernoulli": "bernoulli" is not a percentage'],
    ['loss random 1% 3 4', '"4" is not an option of netem here'],
    ['ecn', '"ecn" needs a loss model'],
    ['reorder 25%', '"reorder" needs a delay'],
    ['delay 0 reorder 25%', '"reorder" needs a delay'],
    ['delay 10ms gap 5', '"gap" needs a reorder probability'],
    ['delay 10ms distribution normal', '"distribution" needs a delay and a jitter'],
    ['delay 1ms 1ms distribution mine', '"distribution mine" is not supported'],
    ['rate 50%', '"rate 50%": "50%" is not a rate'],
    ['rate 7bit', '"rate 7bit" is less than a byte per second'],
    ['rate 1mbit 1.5', '"rate … 1.5": "1.5" is not a whole number of 32 bits'],
    ['limit many', '"limit many": "many" is not a size'],
    ['slot 2ms 1ms', 'the greatest delay of "slot" is less than its least'],
    ['slot 1ms packets x', '"packets x": "x" is not a whole number from 0 to 4294967295'],
    [
      'seed 18446744073709551616',
      '"seed 18446744073709551616": "18446744073709551616" is not a whole number of 64 bits',
    ],
  ];
  for (const [text, message] of table) {
    const fault = parseNetem(text);
    assert.ok(isFault(fault), text);
    assert.equal(fault.message, message);
  }
});

test('impair says the same in keys', () => {
  const netem = netemOfImpair({
    ...{ delay: '10ms', jitter: '2ms', loss: '1%', duplicate: '0.5%', corrupt: 0, reorder: '5%' },
    ...{ rate: '100mbit', limit: 5000 },
  });
  assert.ok(!isFault(netem));
  assert.equal(
    printNetem(netem),
    'limit 5000 delay 10ms 2ms loss 1% corrupt 0% duplicate 0.5% reorder 5% rate 100mbit',
  );
  assert.deepEqual(netemOfImpair({}), NO_NETEM);
});

test('impair names the key that is wrong', () => {
  const table: readonly (readonly [Parameters<typeof netemOfImpair>[0], string])[] = [
    [{ delay: 10 }, '"delay: 10" has no unit'],
    [{ loss: '0.1' }, '"loss: 0.1" has no unit'],
    [{ rate: 1000 }, '"rate: 1000" has no unit'],
    [{ loss: '150%' }, '"loss: 150%" is not understood'],
    [{ delay: 'slow' }, '"delay: slow" is not understood'],
    [{ jitter: '1ms' }, '"jitter" needs a delay'],
    [{ reorder: '5%' }, '"reorder" needs a delay'],
    [{ rate: '0' }, '"rate" is less than a byte per second'],
  ];
  for (const [impair, message] of table) {
    const fault = netemOfImpair(impair);
    assert.ok(isFault(fault), message);
    assert.equal(fault.message, message);
  }
});
