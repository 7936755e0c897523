/** The wires of a large lab are cut before their namespaces go: the kernel walks all redirections for each device that goes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jobsOf } from '../../../src/plan/jobs.ts';
import { NOTHING_OBSERVED } from '../../../src/plan/observed.ts';
import { planTeardown } from '../../../src/plan/teardown.ts';
import type { Op } from '../../../src/wire/op.ts';
import { bringUp } from '../../support/model/planning.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf } from '../../support/networks.ts';

const LAB = 'lab';

/** `count` wires, each with two nodes of its own. */
function kernelWith(count: number, mode: 'patch' | 'linux'): ModelKernel {
  const kernel = new ModelKernel();
  const links = Array.from({ length: count * 2 }, (_, n) => ({ node: `n${n}`, dev: 'eth0', bridge: `b${n >> 1}` }));
  const modes = Object.fromEntries(Array.from({ length: count }, (_, n) => [`b${n}`, mode]));
  bringUp(networkOf(LAB, links, modes), kernel);
  return kernel;
}

function cutIn(ops: readonly Op[]): readonly string[] {
  return ops.flatMap((op) => (op.op === 'wire.cut' && op.goes ? [op.dev] : []));
}

describe('the wires of a lab that goes', () => {
  it('are left to the kernel where they are few, and where they are bridges', () => {
    assert.deepEqual(cutIn(planTeardown(LAB, kernelWith(32, 'patch').dumps()).ops), []);
    assert.deepEqual(cutIn(planTeardown(LAB, kernelWith(40, 'linux').dumps()).ops), []);
  });

  it('are cut where they are many, each end once, before any namespace goes', () => {
    const { ops } = planTeardown(LAB, kernelWith(40, 'patch').dumps());
    assert.equal(new Set(cutIn(ops)).size, 80);
    assert.equal(cutIn(ops).length, 80);
    const phases = [...jobsOf(ops, NOTHING_OBSERVED)];
    const cutting = phases.filter(([, jobs]) => jobs.some((job) => cutIn(job.ops).length > 0));
    assert.deepEqual(
      cutting.map(([phase]) => phase),
      ['remove'],
    );
    assert.equal(phases.at(-1)?.[0], 'withdraw');
  });
});
