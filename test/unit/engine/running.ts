/** A lab on a kernel in memory, planned and carried out by the engine. */
import assert from 'node:assert/strict';
import { execute } from '../../../src/engine/execute.ts';
import type { ExecuteOptions, Execution } from '../../../src/engine/run.ts';
import type { Network } from '../../../src/topology/topology.ts';
import { planOn } from '../../support/model/planning.ts';
import { MemoryWorkers } from '../../support/model/workers.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf } from '../../support/networks.ts';

/** Three nodes on one bridge. */
export const THREE: Network = networkOf('lab', [
  { node: 'a', dev: 'eth0', bridge: 's', addresses: ['10.0.0.1/24'], routes: ['10.9.0.0/16 via 10.0.0.2'] },
  { node: 'b', dev: 'eth0', bridge: 's', addresses: ['10.0.0.2/24'] },
  { node: 'c', dev: 'eth0', bridge: 's', addresses: ['10.0.0.3/24'] },
]);

/** Two nodes, tied directly. */
export const DIRECT: Network = networkOf(
  'lab',
  [
    { node: 'a', dev: 'eth0', bridge: 's', addresses: ['10.0.0.1/24'] },
    { node: 'b', dev: 'eth0', bridge: 's', addresses: ['10.0.0.2/24'] },
  ],
  { s: 'direct' },
);

export function newWorkers(size = 1): MemoryWorkers {
  return new MemoryWorkers(new ModelKernel(), size);
}

export async function run(
  workers: MemoryWorkers,
  network: Network,
  options: Partial<ExecuteOptions> = {},
): Promise<Execution> {
  const { plan, observed } = planOn(network, workers.kernel);
  return await execute(plan, observed, workers, { emit: () => {}, signal: null, ...options });
}

/** Links that a next `up` would have to do something about. */
export function unfinished(workers: MemoryWorkers, network: Network): readonly string[] {
  const { plan } = planOn(network, workers.kernel);
  return plan.links.filter(({ verdict }) => verdict !== 'unchanged').map(({ link }) => link);
}

export function assertWhole(workers: MemoryWorkers, network: Network): void {
  assert.deepEqual(planOn(network, workers.kernel).plan.ops, []);
}
