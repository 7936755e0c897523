import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkLocalWith } from '../../../src/plan/ip/link-local.ts';

test('a device with IPv6 addresses gets its link-local one along, unless it has one, or no MAC of its own', () => {
  const own = { mac: 'c2:46:f0:e9:28:17' };
  const prefix = 'fe80::c046:f0ff:fee9:2817/64';
  assert.deepEqual(linkLocalWith(['10.0.0.1/24', 'fd00::1/64'], own, true), { linkLocal: { prefix, isBegun: true } });
  for (const addresses of [[], ['10.0.0.1/24'], ['fd00::1/64', prefix], ['fe90::1/64']])
    assert.deepEqual(linkLocalWith(addresses, own, false), {}, `${addresses}`);
  assert.deepEqual(linkLocalWith(['fd00::1/64'], { mac: null }, false), {});
});
