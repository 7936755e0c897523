import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { diff } from '../../../src/plan/diff.ts';
import { jobsOf, PHASES } from '../../../src/plan/jobs.ts';
import { observedOf } from '../../../src/plan/observed.ts';
import { isShardName, place } from '../../../src/plan/switch/placement.ts';
import { checkParents } from '../../../src/topology/parents.ts';
import type { Network } from '../../../src/topology/topology.ts';
import type { Op } from '../../../src/wire/op.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const MODES = { d0: 'direct', d1: 'direct' } as const;

const link = fc.record(
  {
    node: fc.constantFrom('a', 'b', 'c', 'd'),
    dev: fc.constantFrom('eth0', 'eth1', 'eth2'),
    bridge: fc.constantFrom('s0', 's1', 's2', 'd0', 'd1'),
    mtuBytes: fc.constantFrom(1500, 9000),
    addresses: fc.uniqueArray(fc.constantFrom('10.0.0.1/24', '10.0.1.1/24', 'fd00::1/64'), { maxLength: 2 }),
    routes: fc.uniqueArray(fc.constantFrom('default via 10.0.0.254', '192.0.2.0/24', 'fd01::/64 via fd00::2'), {
      maxLength: 2,
    }),
    state: fc.constantFrom('up', 'down'),
    queues: fc.constantFrom(1, 2),
    mac: fc.constantFrom('c2:00:00:00:00:01', 'c2:00:00:00:00:02'),
  },
  { requiredKeys: ['node', 'dev', 'bridge'] },
);

const NODES = ['a', 'b', 'c', 'd'] as const;
const STACKED = ['v0', 'v1', 'eth2'] as const;

/** Devices on devices of the host, of the node, and on each other. */
const stacked = fc
  .record({
    node: fc.constantFrom(...NODES),
    dev: fc.constantFrom(...STACKED),
    type: fc.constantFrom('dummy', 'vlan', 'macvlan', 'ipvlan'),
    parent: fc.constantFrom(
      { dev: 'p0', base: 'host' },
      { dev: 'p1', base: 'host' },
      { dev: 'eth0', base: 'local' },
      { dev: 'v0', base: 'local' },
      { dev: 'v1', base: 'local' },
    ),
    pick: fc.constantFrom(0, 1, 2),
    state: fc.constantFrom('up', 'down'),
    addresses: fc.uniqueArray(fc.constantFrom('10.2.0.1/24', '10.2.1.1/24'), { maxLength: 2 }),
  })
  .map(({ type, parent, pick, ...rest }) => {
    if (type === 'dummy') return { ...rest, type };
    // Of each link its own, so that none wants what another one, which can't be changed, still has.
    if (type === 'vlan')
      return {
        ...rest,
        type,
        parent,
        vlanId: 1 + 8 * NODES.indexOf(rest.node) + 2 * STACKED.indexOf(rest.dev) + (pick & 1),
      };
    return { ...rest, type, parent, mode: type === 'macvlan' ? ['bridge', 'private', 'vepa'][pick] : 'l2' };
  });

/** Networks without contradictions: a device once per node, a direct bridge with two ends at the most, equal queues on both. */
const tied = fc.uniqueArray(link, { selector: ({ node, dev }) => `${node}:${dev}`, maxLength: 10 }).map((links) => {
  const direct = new Map<string, number>();
  const kept = links.filter(({ bridge }) => {
    if (!(bridge in MODES)) return true;
    direct.set(bridge, (direct.get(bridge) ?? 0) + 1);
    return (direct.get(bridge) ?? 0) <= 2;
  });
  return kept.map(({ queues, ...rest }) =>
    rest.bridge in MODES ? rest : { ...rest, ...(queues ? { queues } : {}) },
  ) as Wanted[];
});

const network = fc
  .tuple(tied, fc.uniqueArray(stacked, { selector: ({ node, dev }) => `${node}:${dev}`, maxLength: 5 }))
  .map(([links, others]) => {
    const taken = new Set(links.map(({ node, dev }) => `${node}:${dev}`));
    const more = others.filter(({ node, dev }) => !taken.has(`${node}:${dev}`));
    return networkOf(LAB, [...links, ...(more as Wanted[])], MODES);
  })
  .filter((wanted) => checkParents(wanted).length === 0);

/** A kernel with the host's devices in it. */
function newKernel(): ModelKernel {
  const kernel = new ModelKernel();
  kernel.makeNamespace('self');
  kernel.addDevice('self', 'p0', { up: true });
  kernel.addDevice('self', 'p1', { mtuBytes: 9000, up: true });
  return kernel;
}

function planOf(wanted: Network, kernel: ModelKernel) {
  const dumps = kernel.dumps();
  const shards = dumps.map((dump) => dump.ns).filter((ns) => isShardName(LAB, ns));
  const observed = observedOf(LAB, dumps, shards, true, kernel.ovs());
  return {
    plan: diff(wanted, observed, place(LAB, 'netns', wanted.bridges, wanted.links, observed), { prune: true }),
    observed,
  };
}

/** Ops in the order in which the engine carries them out. */
function inPhases(ops: readonly Op[], observed: ReturnType<typeof observedOf>): Op[] {
  const jobs = jobsOf(ops, observed);
  return PHASES.flatMap((phase) => (jobs.get(phase) ?? []).flatMap((job) => job.ops));
}

function bring(wanted: Network, kernel: ModelKernel): void {
  const { plan, observed } = planOf(wanted, kernel);
  kernel.apply(inPhases(plan.ops, observed));
}

it('a second plan is empty once the first was applied, from nothing', () => {
  fc.assert(
    fc.property(network, (wanted) => {
      const kernel = newKernel();
      bring(wanted, kernel);
      assert.deepEqual(planOf(wanted, kernel).plan.ops, []);
    }),
    { numRuns: 500 },
  );
});

it('a second plan is empty once the first was applied, from any other network of the lab', () => {
  fc.assert(
    fc.property(network, network, (before, after) => {
      const kernel = newKernel();
      bring(before, kernel);
      bring(after, kernel);
      assert.deepEqual(planOf(after, kernel).plan.ops, []);
    }),
    { numRuns: 500 },
  );
});

it('converges after any device was deleted behind its back', () => {
  fc.assert(
    fc.property(network, fc.nat(), (wanted, pick) => {
      const kernel = newKernel();
      bring(wanted, kernel);
      const devices = kernel
        .dumps()
        .flatMap(({ ns, links }) =>
          links.filter(({ ifname }) => !['lo', 'p0', 'p1'].includes(ifname)).map(({ ifname }) => ({ ns, ifname })),
        );
      const victim = devices[pick % Math.max(1, devices.length)];
      if (victim) kernel.deleteDevice(victim.ns, victim.ifname);
      bring(wanted, kernel);
      assert.deepEqual(planOf(wanted, kernel).plan.ops, []);
    }),
    { numRuns: 500 },
  );
});

it('every op of a plan is in just one job, in its own namespace', () => {
  fc.assert(
    fc.property(network, (wanted) => {
      const { plan, observed } = planOf(wanted, newKernel());
      const placed = [...jobsOf(plan.ops, observed).values()].flatMap((jobs) =>
        jobs.flatMap((job) => job.ops.map((op) => ({ job, op }))),
      );
      assert.deepEqual(new Set(placed.map(({ op }) => op)), new Set(plan.ops));
      assert.equal(placed.length, plan.ops.length);
      for (const { job, op } of placed) assert.equal(op.ns, job.ns);
    }),
  );
});
