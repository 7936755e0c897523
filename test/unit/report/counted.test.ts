import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted } from '../../../src/counted.ts';
import { linkloom } from '../../support/bin.ts';

test('one of a thing is not several', () => {
  assert.deepEqual(
    [0, 1, 2].map((count) => counted(count, 'bridge')),
    ['0 bridges', '1 bridge', '2 bridges'],
  );
  assert.equal(counted(1, 'link waits', 'links wait'), '1 link waits');
  assert.equal(counted(3, 'link waits', 'links wait'), '3 links wait');
});

test('verbs count in words', async () => {
  const input = JSON.stringify({ lab: 'one', links: [{ netns: 'a', bridge: 'b' }] });
  assert.equal((await linkloom(['validate', '-f', '-'], { input })).stdout, 'lab one: valid: 1 link, 1 bridge\n');
  const { stdout } = await linkloom(['plan', '--offline', '-f', '-'], {
    input: JSON.stringify({ lab: 'one', links: [{ netns: 'a', type: 'dummy' }] }),
  });
  assert.match(stdout, / 0 unchanged; 3 operations\n/);
});
