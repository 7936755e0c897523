/** Versions are compared by their numbers, as far as the needed one has any. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOlder } from '../../../src/cluster/version.ts';

test('an agent is older than a record that needs more', () => {
  for (const [version, needed, older] of [
    ['0.1.0', '0.1', false],
    ['0.1.0', '0.2', true],
    ['0.10.0', '0.9', false],
    ['1.0.0-rc.1', '1.0', false],
    ['1.2', '1.2.1', true],
  ] as const)
    assert.equal(isOlder(version, needed), older, `${version} for ${needed}`);
});
