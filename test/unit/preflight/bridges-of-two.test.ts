/** What many bridges of two links cost, and what wires would. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts } from '../../../src/preflight/facts.ts';
import type { Network } from '../../../src/topology/topology.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';
import { findingsOf } from '../../support/preflight/machine.ts';

/** So many bridges, with so many links each. */
function ends(bridges: number, each: number): readonly Wanted[] {
  return Array.from({ length: bridges * each }, (_, i) => ({
    ...{ node: `n${i}`, dev: 'eth0', bridge: `b${Math.floor(i / each)}` },
  }));
}

const twos = (count: number): Network => networkOf('lab', ends(count, 2));
const DIRECT = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`b${i}`, 'direct' as const]));

describe('bridges of two links', () => {
  const found = (network: Network, facts: Partial<Facts>) =>
    findingsOf(network, facts).find(({ code }) => code === 'bridges-of-two')?.message;

  test('are named with what wires would cost, where they are many; whether the kernel is slow, where that is known', () => {
    const slow = found(twos(100), { bridgeMs: 17.2 });
    assert.match(slow ?? '', /^100 bridges tie two links each: .*; this kernel takes 17 ms for each bridge that goes$/);
    const times = [...(slow ?? '').matchAll(/`down` ([\d.]+) s/g)].map(([, seconds]) => Number(seconds));
    assert.equal(times.length, 3);
    const [bridges = 0, patch = 0, direct = 0] = times;
    assert.ok(bridges > patch + 1.5 && direct <= patch, `${times}`);
    assert.doesNotMatch(found(twos(100), { bridgeMs: 0.4 }) ?? '', /this kernel/);
    assert.doesNotMatch(found(twos(100), {}) ?? 'this kernel', /this kernel/);
    assert.equal(found(twos(15), { bridgeMs: 17 }), undefined);
  });

  test('are neither bridges of three nor wires', () => {
    assert.equal(found(networkOf('lab', ends(300, 3)), { bridgeMs: 17 }), undefined);
    assert.equal(found(networkOf('lab', ends(100, 2), DIRECT), { bridgeMs: 17 }), undefined);
  });
});
