/** Runs the pure stages on a kernel in memory: observe, plan, and carry out as the engine would. */

import { type DiffOptions, diff } from '../../../src/plan/diff.ts';
import { stepsOf } from '../../../src/plan/jobs.ts';
import { type Observed, observedOf } from '../../../src/plan/observed.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { isShardName, place } from '../../../src/plan/switch/placement.ts';
import type { Network } from '../../../src/topology/topology.ts';
import type { Op } from '../../../src/wire/op.ts';
import type { ModelKernel } from '../model-kernel.ts';

/** The files that a network comes from, and whether what other files made is removed. By default neither matters. */
type Files = Omit<DiffOptions, 'prune'>;

/** Plans what `up` would do on this kernel. */
export function planOn(
  network: Network,
  kernel: ModelKernel,
  files: Files = {},
): { readonly plan: Plan; readonly observed: Observed } {
  const dumps = kernel.dumps();
  const shards = dumps.map(({ ns }) => ns).filter((ns) => isShardName(network.lab, ns));
  const observed = observedOf(network.lab, dumps, shards, true, kernel.ovs());
  const placement = place(network.lab, 'netns', network.bridges, network.links, observed);
  return { plan: diff(network, observed, placement, { prune: true, ...files }), observed };
}

/** Plans, and carries out the plan step by step. */
export function bringUp(network: Network, kernel: ModelKernel, files: Files = {}): Plan {
  const { plan, observed } = planOn(network, kernel, files);
  kernel.apply(stepsOf(plan.ops, observed).flatMap(([, jobs]) => jobs.flatMap(({ ops }) => ops)));
  return plan;
}

/** A plan's ops as lines: op, namespace, devices, cause. */
export function opLines(ops: readonly Op[]): string[] {
  const subject = (op: Op): string =>
    'dev' in op ? (op.dev ?? '') : op.op === 'wire.patch' ? `${op.devA}=${op.devB}` : '';
  return ops.map((op) => [op.op, op.ns, subject(op), op.cause].filter((word) => word !== '').join(' '));
}
