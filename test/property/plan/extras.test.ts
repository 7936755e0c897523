/** What belongs to links beside their devices converges, in switch namespaces and in linkloom's own. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ownerOf, ruleMarkOf } from '../../../src/net/rule-mark.ts';
import { diff } from '../../../src/plan/diff.ts';
import { jobsOf, PHASES } from '../../../src/plan/jobs.ts';
import { planGone } from '../../../src/plan/links/gone.ts';
import { type Observed, observedOf } from '../../../src/plan/observed.ts';
import { type Placement, place } from '../../../src/plan/switch/placement.ts';
import { planTeardown } from '../../../src/plan/teardown.ts';
import type { Network } from '../../../src/topology/topology.ts';
import type { Op } from '../../../src/wire/op.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const MAC = '02:42:ac:11:00:02';

const forward = fc.record({
  outerPort: fc.constantFrom(80, 81, 8080),
  innerPort: fc.constantFrom(80, 443),
  protocol: fc.constantFrom('tcp', 'udp'),
});
const link = fc.record(
  {
    node: fc.constantFrom('a', 'b', 'c'),
    dev: fc.constantFrom('eth0', 'eth1'),
    bridge: fc.constantFrom('s0', 's1'),
    addresses: fc.constantFrom(['10.0.0.1/24'], ['10.0.1.1/24', 'fd00::1/64']),
    nat: fc.constantFrom('10.9.9.9', '10.9.9.8'),
    forwards: fc.uniqueArray(forward, { maxLength: 2 }),
    ethtool: fc.subarray(['-K rx off', '-K gro on rx on', '-K tx-nocache-copy on', '-L rx 1']),
    queues: fc.constantFrom(1, 2),
  },
  { requiredKeys: ['node', 'dev', 'bridge', 'addresses'] },
);
const network = fc
  .uniqueArray(link, { selector: ({ node, dev }) => `${node}:${dev}`, maxLength: 6 })
  .map((links) => networkOf(LAB, links as Wanted[]));

/** linkloom's own container, on a network of its engine. */
function kernelWithUplink(): ModelKernel {
  const kernel = new ModelKernel();
  kernel.makeNamespace('self');
  kernel.addDevice('self', 'eth0', { mac: MAC, up: true });
  return kernel;
}

function look(wanted: Network, kernel: ModelKernel): { readonly observed: Observed; readonly placement: Placement } {
  const observed = observedOf(LAB, kernel.dumps(), [], true);
  const placement = place(LAB, 'own', wanted.bridges, wanted.links, observed);
  return { observed, placement: { ...placement, uplinkMac: MAC } };
}

function planOf(wanted: Network, kernel: ModelKernel, prune = true) {
  const { observed, placement } = look(wanted, kernel);
  return { plan: diff(wanted, observed, placement, { prune }), observed };
}

function applyToModel(ops: readonly Op[], observed: Observed, kernel: ModelKernel): void {
  const jobs = jobsOf(ops, observed);
  kernel.apply(PHASES.flatMap((phase) => (jobs.get(phase) ?? []).flatMap((job) => job.ops)));
}

function bring(wanted: Network, kernel: ModelKernel): void {
  const { plan, observed } = planOf(wanted, kernel);
  applyToModel(plan.ops, observed, kernel);
}

const rulesIn = (kernel: ModelKernel, ns = 'self') =>
  kernel
    .dumps()
    .find((dump) => dump.ns === ns)
    ?.translations.map(({ comment }) => comment) ?? [];

it('a second plan is empty, from nothing and from any other network of the lab', () => {
  fc.assert(
    fc.property(network, network, (before, after) => {
      const kernel = kernelWithUplink();
      for (const wanted of [before, after]) {
        bring(wanted, kernel);
        const { plan } = planOf(wanted, kernel);
        assert.deepEqual(plan.ops, []);
        assert.ok(plan.links.every(({ verdict }) => verdict === 'unchanged'));
      }
      const wanted = after.links.flatMap(({ id, forwards }) =>
        [...new Set(forwards.map((one) => JSON.stringify(one)))].map(() => ownerOf(id)),
      );
      assert.deepEqual(
        rulesIn(kernel)
          .map((comment) => ruleMarkOf(comment)?.owner)
          .sort(),
        wanted.sort(),
      );
    }),
    { numRuns: 300 },
  );
});

it('a node that ends takes its own forwards along, and nobody else’s', () => {
  fc.assert(
    fc.property(network, fc.constantFrom('a', 'b', 'c'), (wanted, ended) => {
      const kernel = kernelWithUplink();
      bring(wanted, kernel);
      const gone = wanted.links.filter(({ node }) => node.name === ended);
      const before = rulesIn(kernel);
      const { observed } = look(wanted, kernel);
      applyToModel(planGone(LAB, gone, observed), observed, kernel);
      const owners = new Set(gone.map(({ id }) => ownerOf(id)));
      assert.deepEqual(
        rulesIn(kernel),
        before.filter((comment) => !owners.has(ruleMarkOf(comment)?.owner ?? '')),
      );
      const addresses = new Set(
        gone.filter(({ forwards }) => forwards.length > 0).map(({ addresses }) => addresses[0]),
      );
      const stays = wanted.links.filter((one) => !gone.includes(one) && one.forwards.length > 0);
      const routes = kernel.dumps().find(({ ns }) => ns === 'self')?.routes ?? [];
      for (const { addresses: own } of stays) {
        if (!addresses.has(own[0])) assert.ok(routes.some(({ dst }) => dst === own[0]?.replace('/24', '/32')));
      }
    }),
    { numRuns: 300 },
  );
});

it('looking after one link touches no other’s rules', () => {
  fc.assert(
    fc.property(network, fc.nat(), (wanted, pick) => {
      const kernel = kernelWithUplink();
      bring(wanted, kernel);
      const one = wanted.links[pick % Math.max(1, wanted.links.length)];
      if (!one) return;
      const narrow = { ...wanted, links: [one], nodes: [one.node] };
      assert.deepEqual(planOf(narrow, kernel, false).plan.ops, []);
    }),
  );
});

it('`down` leaves no rule, and gives the uplink its name back', () => {
  fc.assert(
    fc.property(network, (wanted) => {
      const kernel = kernelWithUplink();
      for (const { ns } of wanted.nodes) kernel.makeNamespace(ns);
      bring(wanted, kernel);
      const dumps = kernel.dumps();
      applyToModel(planTeardown(LAB, dumps).ops, observedOf(LAB, dumps, [], true), kernel);
      for (const { ns } of wanted.nodes) assert.deepEqual(rulesIn(kernel, ns), []);
      assert.deepEqual(rulesIn(kernel), []);
      const own = kernel.dumps().find(({ ns }) => ns === 'self');
      assert.deepEqual(
        own?.links.map(({ ifname, alias }) => [ifname, alias]),
        [
          ['lo', ''],
          ['eth0', ''],
        ],
      );
    }),
  );
});
