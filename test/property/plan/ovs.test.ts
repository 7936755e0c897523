import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { BridgeMode } from '../../../src/kinds/bridge-modes.ts';
import type { NsId } from '../../../src/net/ns-id.ts';
import { diff } from '../../../src/plan/diff.ts';
import { jobsOf, PHASES } from '../../../src/plan/jobs.ts';
import { observedOf } from '../../../src/plan/observed.ts';
import { isShardName, place } from '../../../src/plan/switch/placement.ts';
import type { BridgeSpec, Network } from '../../../src/topology/topology.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const SWITCH: NsId = 'netns/linkloom-lab';

const link = fc.record({
  node: fc.constantFrom('a', 'b', 'c'),
  dev: fc.constantFrom('eth0', 'eth1'),
  bridge: fc.constantFrom('s0', 's1', 's2'),
});
const mode = fc.constantFrom<BridgeMode>('linux', 'ovs', 'ovs');
const datapath = fc.constantFrom<BridgeSpec['datapath']>(null, 'netdev');

/** Bridges that are Linux ones in one network and Open vSwitch's in the other, links that change between them. */
const network = fc
  .record({
    links: fc.uniqueArray(link, { selector: ({ node, dev }) => `${node}:${dev}`, maxLength: 6 }),
    modes: fc.record({ s0: mode, s1: mode, s2: mode }),
    datapaths: fc.record({ s0: datapath, s1: datapath, s2: datapath }),
  })
  .map(({ links, modes, datapaths }) => networkOf(LAB, links as readonly Wanted[], modes, datapaths));

function planOf(wanted: Network, kernel: ModelKernel) {
  const dumps = kernel.dumps();
  const shards = dumps.map((dump) => dump.ns).filter((ns) => isShardName(LAB, ns));
  const observed = observedOf(LAB, dumps, shards, true, kernel.ovs());
  const placement = place(LAB, 'netns', wanted.bridges, wanted.links, observed);
  return { plan: diff(wanted, observed, placement, { prune: true }), observed };
}

function bring(wanted: Network, kernel: ModelKernel): void {
  const { plan, observed } = planOf(wanted, kernel);
  const jobs = jobsOf(plan.ops, observed);
  kernel.apply(PHASES.flatMap((phase) => (jobs.get(phase) ?? []).flatMap((job) => job.ops)));
}

it('a second plan is empty, from nothing and from any other network with bridges of both kinds', () => {
  fc.assert(
    fc.property(network, network, (before, after) => {
      const kernel = new ModelKernel();
      bring(before, kernel);
      assert.deepEqual(planOf(before, kernel).plan.ops, []);
      bring(after, kernel);
      assert.deepEqual(planOf(after, kernel).plan.ops, []);
    }),
    { numRuns: 500 },
  );
});

it('what no bridge needs is stopped, and nothing of Open vSwitch is left', () => {
  fc.assert(
    fc.property(network, (before) => {
      const kernel = new ModelKernel();
      bring(before, kernel);
      bring(networkOf(LAB, [{ node: 'a', dev: 'eth0', bridge: 'plain' }]), kernel);
      assert.deepEqual(kernel.ovs(), []);
      const kinds = kernel.dumps().flatMap(({ links }) => links.map(({ kind }) => kind));
      assert.ok(!kinds.includes('openvswitch') && !kinds.includes('tun'), kinds.join(' '));
    }),
  );
});

it('converges after the daemon was killed, and after any device was deleted too', () => {
  fc.assert(
    fc.property(network, fc.nat(), (wanted, pick) => {
      const kernel = new ModelKernel();
      bring(wanted, kernel);
      kernel.killOvs(SWITCH);
      const devices = kernel
        .dumps()
        .flatMap(({ ns, links }) => links.filter(({ ifname }) => ifname !== 'lo').map((device) => ({ ns, device })));
      const victim = devices[pick % Math.max(1, devices.length)];
      if (victim) kernel.deleteDevice(victim.ns, victim.device.ifname);
      bring(wanted, kernel);
      assert.ok(kernel.ovs().every(({ fault }) => fault === null));
      assert.deepEqual(planOf(wanted, kernel).plan.ops, []);
    }),
    { numRuns: 500 },
  );
});
