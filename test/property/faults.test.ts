/**
 * Random lives of a lab against a model: edits, `up`, `down`, `up` and `down` that are killed somewhere in the middle, nodes
 * that start and stop, devices deleted by others. The kernel is the one in memory (the kernel tests hold the real one to the
 * same operations); the model is just the configuration and which nodes run.
 */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { bridgeOf } from '../../src/kinds/links/link-kinds.ts';
import type { NsId } from '../../src/net/ns-id.ts';
import { diff } from '../../src/plan/diff.ts';
import { jobsOf, PHASES } from '../../src/plan/jobs.ts';
import { type Observed, observedOf } from '../../src/plan/observed.ts';
import { isShardName, place } from '../../src/plan/switch/placement.ts';
import { planTeardown } from '../../src/plan/teardown.ts';
import type { Network } from '../../src/topology/topology.ts';
import type { Op } from '../../src/wire/op.ts';
import { ModelKernel } from '../support/model-kernel.ts';
import { networkOf, type Wanted } from '../support/networks.ts';

const LAB = 'lab';
const RUNS = 300;
const MODES = { d0: 'direct' } as const;
const NODES = ['a', 'b', 'c'] as const;

interface Model {
  wanted: readonly Wanted[];
  readonly running: Set<string>;
}

/** What there is to be when `up` has come to its end: the links of nodes that run, as NODE:DEV → MTU and addresses. */
function described({ wanted, running }: Model): Network {
  return networkOf(
    LAB,
    wanted.filter(({ node }) => running.has(node)),
    MODES,
  );
}

function look(kernel: ModelKernel): Observed {
  const dumps = kernel.dumps();
  const shards = dumps.map(({ ns }) => ns).filter((ns) => isShardName(LAB, ns));
  return observedOf(LAB, dumps, shards, true, kernel.ovs());
}

/** The ops of `up` in the order in which they are carried out. */
function opsOfUp(model: Model, kernel: ModelKernel): readonly Op[] {
  const network = described(model);
  const observed = look(kernel);
  const placement = place(LAB, 'netns', network.bridges, network.links, observed);
  return inPhases(diff(network, observed, placement, { prune: true }).ops, observed);
}

function opsOfDown(kernel: ModelKernel): readonly Op[] {
  return inPhases(planTeardown(LAB, kernel.dumps()).ops, look(kernel));
}

function inPhases(ops: readonly Op[], observed: Observed): readonly Op[] {
  const jobs = jobsOf(ops, observed);
  return PHASES.flatMap((phase) => (jobs.get(phase) ?? []).flatMap((job) => job.ops));
}

/** NODE:DEV with what the configuration says of it, as the kernel has it. */
function present(kernel: ModelKernel): readonly string[] {
  return kernel
    .dumps()
    .filter(({ ns }) => NODES.some((node) => ns === `netns/${node}`))
    .flatMap(({ ns, links, addresses }) =>
      links
        .filter(({ ifname }) => ifname !== 'lo')
        .map(({ ifname, ifindex, mtuBytes }) => {
          const own = addresses.filter((one) => one.ifindex === ifindex).map(({ address }) => address);
          return `${ns.slice(6)}:${ifname} ${mtuBytes} ${own.sort().join(' ')}`;
        }),
    )
    .sort();
}

function expected(model: Model): readonly string[] {
  const network = described(model);
  const ends = new Map<string | null, number>();
  for (const { spec } of network.links) ends.set(bridgeOf(spec), (ends.get(bridgeOf(spec)) ?? 0) + 1);
  return network.links
    .filter(({ spec }) => bridgeOf(spec) !== 'd0' || ends.get('d0') === 2)
    .map(({ id, spec, addresses }) => `${id} ${spec.mtuBytes} ${[...addresses].sort().join(' ')}`)
    .sort();
}

type Command = fc.Command<Model, ModelKernel>;

function command(name: string, run: (model: Model, kernel: ModelKernel) => void): Command {
  return { check: () => true, run, toString: () => name };
}

const link = fc.record({
  node: fc.constantFrom(...NODES),
  dev: fc.constantFrom('eth0', 'eth1', 'eth2'),
  bridge: fc.constantFrom('s0', 's1', 'd0'),
  mtuBytes: fc.constantFrom(1500, 9000),
  addresses: fc.uniqueArray(fc.constantFrom('10.0.0.1/24', 'fd00::1/64'), { maxLength: 2 }),
});
const configuration = fc
  .uniqueArray(link, { selector: ({ node, dev }) => `${node}:${dev}`, maxLength: 7 })
  .map((links) => {
    let direct = 0;
    return links.filter(({ bridge }) => bridge !== 'd0' || ++direct <= 2);
  });

const commands: fc.Arbitrary<Command>[] = [
  configuration.map((wanted) =>
    command(`edit ${JSON.stringify(wanted)}`, (model) => void Object.assign(model, { wanted })),
  ),
  fc.constant(
    command('up', (model, kernel) => {
      kernel.apply(opsOfUp(model, kernel));
      assert.deepEqual(present(kernel), expected(model));
      assert.deepEqual(opsOfUp(model, kernel), []);
    }),
  ),
  fc.constant(
    command('down', (_model, kernel) => {
      kernel.apply(opsOfDown(kernel));
      assert.deepEqual(present(kernel), []);
      assert.deepEqual(opsOfDown(kernel), []);
    }),
  ),
  fc
    .nat(60)
    .map((after) =>
      command(`up killed after ${after}`, (model, kernel) => kernel.apply(opsOfUp(model, kernel).slice(0, after))),
    ),
  fc
    .nat(20)
    .map((after) =>
      command(`down killed after ${after}`, (_model, kernel) => kernel.apply(opsOfDown(kernel).slice(0, after))),
    ),
  fc.constantFrom(...NODES).map((node) =>
    command(`start ${node}`, (model, kernel) => {
      if (model.running.has(node)) return;
      model.running.add(node);
      if (!kernel.dumps().some(({ ns }) => ns === `netns/${node}`)) kernel.makeNamespace(`netns/${node}`);
    }),
  ),
  fc.constantFrom(...NODES).map((node) =>
    command(`stop ${node}`, (model, kernel) => {
      model.running.delete(node);
      const ns: NsId = `netns/${node}`;
      if (kernel.dumps().some((dump) => dump.ns === ns))
        kernel.apply([{ op: 'netns.del', ns, link: null, cause: 'stop', lab: LAB, role: 'switch', shared: false }]);
    }),
  ),
  fc.nat().map((pick) =>
    command(`delete device ${pick}`, (_model, kernel) => {
      const all = kernel
        .dumps()
        .flatMap(({ ns, links }) =>
          links.filter(({ ifname }) => ifname !== 'lo').map(({ ifname }) => ({ ns, ifname })),
        );
      const victim = all[pick % Math.max(1, all.length)];
      if (victim) kernel.deleteDevice(victim.ns, victim.ifname);
    }),
  ),
];

it('whatever happened before, an up ends as described and a down with nothing', () => {
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 40 }), (life) => {
      const setUp = () => ({ model: { wanted: [], running: new Set<string>(NODES) }, real: new ModelKernel() });
      fc.modelRun(setUp, life);
    }),
    { numRuns: RUNS },
  );
});
