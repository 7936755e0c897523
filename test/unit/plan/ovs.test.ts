import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NamedNs } from '../../../src/net/ns-id.ts';
import { diff } from '../../../src/plan/diff.ts';
import { planGone } from '../../../src/plan/links/gone.ts';
import { observedOf } from '../../../src/plan/observed.ts';
import { instancesOf, ovsDirectory } from '../../../src/plan/ovs/instance.ts';
import { statusOf } from '../../../src/plan/status/compare.ts';
import { place } from '../../../src/plan/switch/placement.ts';
import { planOvsStops } from '../../../src/plan/teardown.ts';
import type { Network } from '../../../src/topology/topology.ts';
import type { Op } from '../../../src/wire/op.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const SWITCH: NamedNs = 'netns/linkloom-lab';
const PAIR: readonly Wanted[] = [
  { node: 'a', dev: 'eth0', bridge: 'b' },
  { node: 'c', dev: 'eth0', bridge: 'b' },
];
const OVS = { b: 'ovs', d: 'ovs' } as const;

function lookAt(network: Network, kernel: ModelKernel) {
  const dumps = kernel.dumps();
  const shards = dumps.some(({ ns }) => ns === SWITCH) ? [SWITCH] : [];
  const observed = observedOf(LAB, dumps, shards, true, kernel.ovs());
  const placement = place(LAB, 'netns', network.bridges, network.links, observed);
  return { observed, placement, plan: diff(network, observed, placement, { prune: true }) };
}

function lines(ops: readonly Op[]): string[] {
  return ops.map((op) => [op.op, op.ns, 'dev' in op ? op.dev : '', op.cause].filter((word) => word !== '').join(' '));
}

function planned(network: Network, kernel: ModelKernel): string[] {
  return lines(lookAt(network, kernel).plan.ops);
}

function settled(network: Network): ModelKernel {
  const kernel = new ModelKernel();
  kernel.apply(lookAt(network, kernel).plan.ops);
  return kernel;
}

describe('bridges of mode ovs', () => {
  it('start Open vSwitch once, then bridges, then ports; ports come up by group', () => {
    const wanted = networkOf(LAB, [...PAIR, { node: 'a', dev: 'eth1', bridge: 'd' }], OVS);
    assert.deepEqual(planned(wanted, new ModelKernel()), [
      'netns.add netns/linkloom-lab switch namespace missing',
      'ovs.start netns/linkloom-lab missing',
      'ovs.bridge netns/linkloom-lab b missing',
      'ovs.bridge netns/linkloom-lab d missing',
      'netns.add netns/a namespace missing',
      'netns.add netns/c namespace missing',
      'link.add netns/a eth0 missing',
      'ovs.port netns/linkloom-lab a-eth0 missing',
      'link.add netns/c eth0 missing',
      'ovs.port netns/linkloom-lab c-eth0 missing',
      'link.add netns/a eth1 missing',
      'ovs.port netns/linkloom-lab a-eth1 missing',
      'group.set netns/linkloom-lab first set-up of this switch namespace',
      'group.set netns/linkloom-lab first set-up of this switch namespace',
    ]);
  });

  it('plan everything of an instance again whose daemon has ended, and keep its bridges where they are', () => {
    const wanted = networkOf(LAB, PAIR, OVS, { b: 'netdev' });
    const kernel = settled(wanted);
    kernel.killOvs(SWITCH);
    kernel.deleteDevice(SWITCH, 'b');
    assert.deepEqual(planned(wanted, kernel), [
      'ovs.start netns/linkloom-lab Open vSwitch does not run',
      'ovs.bridge netns/linkloom-lab b Open vSwitch does not run, its device is missing',
      'ovs.port netns/linkloom-lab a-eth0 Open vSwitch does not run',
      'ovs.port netns/linkloom-lab c-eth0 Open vSwitch does not run',
    ]);
  });

  it('drop the row of a port whose device is made anew, before it is made', () => {
    const wanted = networkOf(LAB, PAIR, OVS);
    const kernel = settled(wanted);
    kernel.deleteDevice('netns/a', 'eth0');
    assert.deepEqual(planned(wanted, kernel), [
      'ovs.del netns/linkloom-lab a-eth0 its device is made anew',
      'link.add netns/a eth0 missing',
      'ovs.port netns/linkloom-lab a-eth0 missing',
    ]);
  });

  it('change their datapath in place', () => {
    const kernel = settled(networkOf(LAB, PAIR, OVS));
    assert.deepEqual(planned(networkOf(LAB, PAIR, OVS, { b: 'netdev' }), kernel), [
      'ovs.bridge netns/linkloom-lab b datapath system → netdev',
    ]);
  });

  it('give way to Linux bridges of their names, and take over from them', () => {
    const linux = networkOf(LAB, PAIR);
    const ovs = networkOf(LAB, PAIR, OVS);
    assert.deepEqual(planned(linux, settled(ovs)), [
      'ovs.del netns/linkloom-lab b mode ovs → linux',
      'bridge.add netns/linkloom-lab b missing',
      'ovs.del netns/linkloom-lab a-eth0 another bridge',
      'port.attach netns/linkloom-lab a-eth0 port not in bridge b',
      'ovs.del netns/linkloom-lab c-eth0 another bridge',
      'port.attach netns/linkloom-lab c-eth0 port not in bridge b',
      'ovs.stop netns/linkloom-lab no bridge needs it',
    ]);
    const { ops } = lookAt(ovs, settled(linux)).plan;
    assert.deepEqual(lines(ops).slice(0, 3), [
      'ovs.start netns/linkloom-lab missing',
      'link.del netns/linkloom-lab b mode linux → ovs',
      'ovs.bridge netns/linkloom-lab b missing',
    ]);
    assert.ok(ops.every((op) => op.op !== 'ovs.port' || op.release));
  });

  it('refuse a namespace in which another Open vSwitch runs, and a device of their name', () => {
    const wanted = networkOf(LAB, PAIR, OVS);
    for (const dev of ['ovs-system', 'ovs-netdev', 'b']) {
      const kernel = new ModelKernel();
      kernel.makeNamespace(SWITCH);
      kernel.addDevice(SWITCH, dev, { kind: 'openvswitch' });
      assert.throws(() => lookAt(wanted, kernel), { code: 'E_FOREIGN_DEVICE' }, dev);
    }
  });

  it('show their ports in the status, and what is wrong', () => {
    const wanted = networkOf(LAB, PAIR, OVS);
    const kernel = settled(wanted);
    const status = () => {
      const { observed, placement, plan } = lookAt(wanted, kernel);
      return statusOf(wanted, observed, placement, plan);
    };
    assert.deepEqual(
      status().bridges.map(({ name, ports, observed }) => [name, ports, observed?.kind]),
      [['b', 2, 'openvswitch']],
    );
    kernel.killOvs(SWITCH);
    assert.deepEqual(
      status().links.map(({ drift }) => drift),
      [['Open vSwitch does not run'], ['Open vSwitch does not run']],
    );
  });

  it('lose the ports of a node that has ended: row first, then device', () => {
    const wanted = networkOf(LAB, PAIR, OVS);
    const kernel = settled(wanted);
    const gone = () => lines(planGone(LAB, wanted.links.slice(0, 1), lookAt(wanted, kernel).observed));
    const row = 'ovs.del netns/linkloom-lab a-eth0 its node has ended';
    assert.deepEqual(gone(), [row, 'link.del netns/linkloom-lab a-eth0 its node has ended']);
    kernel.deleteDevice('netns/a', 'eth0');
    assert.deepEqual(gone(), [row], 'the kernel was faster with the device');
  });
});

describe('instances', () => {
  it('are found again by their directories, each with its namespace', () => {
    const names = ['lab', 'lab.2', 'lab.self', 'lab.x', 'laboratory', 'other.self', 'lab.01'];
    const found = instancesOf(LAB, names);
    assert.deepEqual(found, ['netns/linkloom-lab', 'netns/linkloom-lab.2', 'self']);
    assert.deepEqual(
      found.map((ns) => ovsDirectory(LAB, ns)),
      ['/run/linkloom/lab/ovs', '/run/linkloom/lab.2/ovs', '/run/linkloom/lab.self/ovs'],
    );
  });

  it('are stopped by down, ours with its datapath', () => {
    const ops = planOvsStops(LAB, [SWITCH, 'netns/linkloom-lab.7', 'self']);
    assert.deepEqual(
      ops.map((op) => (op.op === 'ovs.stop' ? [op.ns, op.directory, op.cleanup] : op.op)),
      [
        [SWITCH, '/run/linkloom/lab/ovs', false],
        ['netns/linkloom-lab.7', '/run/linkloom/lab.7/ovs', false],
        ['self', '/run/linkloom/lab.self/ovs', true],
      ],
    );
  });
});
