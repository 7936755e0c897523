/** Many bridges are deleted a few at a time before their namespaces, so that nobody else waits long for the kernel. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jobsOf } from '../../../src/plan/jobs.ts';
import { NOTHING_OBSERVED } from '../../../src/plan/observed.ts';
import { planTeardown } from '../../../src/plan/teardown.ts';
import type { Op } from '../../../src/wire/op.ts';
import { bringUp } from '../../support/model/planning.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';

/** `count` bridges, each with two nodes of its own. */
function pairs(count: number): readonly Wanted[] {
  return Array.from({ length: count * 2 }, (_, n) => ({ node: `n${n}`, dev: 'eth0', bridge: `b${n >> 1}` }));
}

function kernelWith(count: number): ModelKernel {
  const kernel = new ModelKernel();
  bringUp(networkOf(LAB, pairs(count)), kernel);
  return kernel;
}

function bridgesIn(ops: readonly Op[]): readonly string[] {
  return ops.flatMap((op) => (op.op === 'link.del' && op.isBridge ? [op.dev] : []));
}

describe('the bridges of a lab that goes', () => {
  it('are left to the kernel where they are few', () => {
    const { ops } = planTeardown(LAB, kernelWith(12).dumps());
    assert.deepEqual(bridgesIn(ops), []);
  });

  it('are deleted where they are many, each once, in parts of at most 12, before any namespace', () => {
    const { ops } = planTeardown(LAB, kernelWith(30).dumps());
    assert.equal(new Set(bridgesIn(ops)).size, 30);
    const phases = [...jobsOf(ops, NOTHING_OBSERVED)];
    const parts = phases.flatMap(([phase, jobs]) => jobs.map((job) => ({ phase, count: bridgesIn(job.ops).length })));
    assert.deepEqual(
      parts.filter(({ count }) => count > 0).map(({ phase, count }) => `${phase} ${count}`),
      ['remove 12', 'remove 12', 'remove 6'],
    );
    assert.ok(phases.findIndex(([phase]) => phase === 'withdraw') > phases.findIndex(([phase]) => phase === 'remove'));
  });

  it('are deleted in the same way where `up` wants none of them any more', () => {
    const kernel = kernelWith(30);
    const modes = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`b${n}`, 'direct' as const]));
    const { ops } = bringUp(networkOf(LAB, pairs(30), modes), kernel);
    assert.equal(new Set(bridgesIn(ops)).size, 30);
    assert.deepEqual(bridgesIn(planTeardown(LAB, kernel.dumps()).ops), []);
  });
});
