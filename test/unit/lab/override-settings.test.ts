/** What `set` is given goes to a daemon as text, and is the same there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { SetBody } from '../../../src/api/answers/setting.ts';
import { type GivenSettings, settingsFrom, settingsWritten } from '../../../src/lab/override/settings.ts';

const ROWS: readonly GivenSettings[] = [
  { down: true },
  { up: true, mtu: 1400 },
  { delay: 0, rate: 0, limit: 0, loss: 0 },
  { delay: 0.001, jitter: 1.5, limit: 4_294_967_295 },
  { delay: 4_294_967_295, loss: 1, duplicate: 0.001, corrupt: 1e-9, reorder: 0.07 },
  { rate: 8 },
  { rate: 1_500_001 },
  { rate: 100_000_000_000_000 },
];

test('settings that are written for the API are read as they were', () => {
  for (const given of ROWS) {
    const settings = settingsFrom(given);
    assert.ok(settings);
    const { links: _, both: __, ...read } = v.parse(SetBody, { links: ['a:b'], ...settingsWritten(settings) });
    assert.deepEqual(settingsFrom(read), settings);
  }
  assert.equal(settingsFrom({}), null);
  assert.equal(settingsFrom({ down: false, up: false }), null);
});
