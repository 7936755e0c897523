import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BridgeMode } from '../../../src/kinds/bridge-modes.ts';
import { groupOf, ROLE } from '../../../src/net/mark.ts';
import type { NsId } from '../../../src/net/ns-id.ts';
import { diff } from '../../../src/plan/diff.ts';
import { observedOf } from '../../../src/plan/observed.ts';
import { statusByMarks } from '../../../src/plan/status/by-marks.ts';
import { statusOf } from '../../../src/plan/status/compare.ts';
import { isShardName, place, tunnelAlias } from '../../../src/plan/switch/placement.ts';
import { planTeardown } from '../../../src/plan/teardown.ts';
import { subjectText } from '../../../src/subject.ts';
import type { Network, TunnelSpec } from '../../../src/topology/topology.ts';
import type { Op } from '../../../src/wire/op.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const SWITCH: NsId = 'netns/linkloom-lab';
const LINK: Wanted = { node: 'a', dev: 'eth0', bridge: 'b' };
const TUNNEL: TunnelSpec = {
  type: 'vxlan',
  bridge: 'b',
  remote: '192.0.2.2',
  vni: 5,
  netem: null,
  netemText: [],
  extra: {},
  where: () => undefined,
};

function network(tunnels: readonly Partial<TunnelSpec>[], modes: Readonly<Record<string, BridgeMode>> = {}): Network {
  const wanted = networkOf(LAB, [LINK, { ...LINK, dev: 'eth1', bridge: 'c' }], modes);
  return { ...wanted, tunnels: tunnels.map((more) => ({ ...TUNNEL, ...more })) };
}

function lookAt(wanted: Network, kernel: ModelKernel, side: 'netns' | 'own' = 'netns') {
  const dumps = kernel.dumps();
  const shards = dumps.map(({ ns }) => ns).filter((ns) => isShardName(LAB, ns));
  const observed = observedOf(LAB, dumps, shards, true, kernel.ovs());
  const placement = place(LAB, side, wanted.bridges, wanted.links, observed);
  return { observed, placement, plan: diff(wanted, observed, placement, { prune: true }) };
}

/** Ops about tunnels, as lines. */
function lines(ops: readonly Op[]): string[] {
  return ops
    .filter((op) => 'dev' in op && op.dev !== null && /^(vxlan|geneve|gre)-/.test(op.dev))
    .map((op) => [op.op, op.ns, 'dev' in op ? op.dev : '', op.cause].join(' '));
}

function settled(wanted: Network, side: 'netns' | 'own' = 'netns'): ModelKernel {
  const kernel = new ModelKernel();
  kernel.makeNamespace('self');
  kernel.apply(lookAt(wanted, kernel, side).plan.ops);
  return kernel;
}

const planned = (wanted: Network, kernel: ModelKernel): string[] => lines(lookAt(wanted, kernel).plan.ops);

describe('a tunnel', () => {
  it('is made beside its bridge, sends from our own namespace, and joins the bridge after it was made', () => {
    const kernel = new ModelKernel();
    kernel.makeNamespace('self');
    kernel.addDevice('self', 'high', { ifindex: 1 << 21 });
    const { ops } = lookAt(network([{}, { type: 'geneve', vni: 7, remote: 'fd00::9' }]), kernel).plan;
    assert.deepEqual(lines(ops), [
      `tunnel.add ${SWITCH} vxlan-5 missing`,
      `port.attach ${SWITCH} vxlan-5 missing`,
      `tunnel.add ${SWITCH} geneve-7 missing`,
      `port.attach ${SWITCH} geneve-7 missing`,
    ]);
    const [vxlan, geneve] = ops.filter((op) => op.op === 'tunnel.add');
    assert.deepEqual(
      [vxlan?.dstPort, vxlan?.remote, vxlan?.underlay, vxlan?.link],
      [8472, '192.0.2.2', 'self', 'tunnel vxlan-5'],
    );
    assert.deepEqual([geneve?.dstPort, geneve?.remote], [6081, 'fd00::9']);
    assert.ok((vxlan?.ifindex ?? 0) > 1 << 21, 'the index is free in both namespaces');
    const attach = ops.find((op) => op.op === 'port.attach' && op.dev === 'vxlan-5');
    assert.ok(attach?.op === 'port.attach' && attach.raise && attach.master?.dev === 'b');
    assert.equal(attach.alias, 'linkloom/1 lab %23tunnel vxlan-5');
  });

  it('of type gre is a device of the kernel by the family of its remote, with the number as its key', () => {
    const kernel = settled(network([]));
    const gre: Partial<TunnelSpec> = { type: 'gre' };
    const { ops } = lookAt(network([gre, { ...gre, vni: 7, remote: 'fd00::9' }]), kernel).plan;
    assert.deepEqual(
      ops.flatMap((op) => (op.op === 'tunnel.add' ? [[op.dev, op.kind, op.vni, op.dstPort]] : [])),
      [
        ['gre-5', 'gretap', 5, null],
        ['gre-7', 'ip6gretap', 7, null],
      ],
    );
    kernel.apply(ops);
    assert.deepEqual(planned(network([gre, { ...gre, vni: 7, remote: 'fd00::9' }]), kernel), []);
    const cause = 'type gretap → ip6gretap';
    assert.deepEqual(planned(network([{ ...gre, remote: 'fd00::8' }]), kernel).slice(0, 2), [
      `link.del ${SWITCH} gre-5 ${cause}`,
      `tunnel.add ${SWITCH} gre-5 ${cause}`,
    ]);
    kernel.addDevice('self', 'g', { kind: 'gretap', tunnel: { vni: 8, remote: '192.0.2.9', dstPort: null } });
    assert.deepEqual(lookAt(network([{ ...gre, vni: 8 }]), kernel).plan.failures, [], 'one key serves many remotes');
  });

  it('is in order the second time, on either side', () => {
    assert.deepEqual(planned(network([{}]), settled(network([{}]))), []);
    const own = settled(network([{}]), 'own');
    assert.deepEqual(lookAt(network([{}]), own, 'own').plan.ops, []);
    assert.ok(own.dumps()[0]?.links.some(({ ifname }) => ifname === 'vxlan-5'));
  });

  it('is made again for another remote, moved to another bridge, mended where somebody meddled', () => {
    const kernel = settled(network([{}]));
    const cause = 'remote 192.0.2.2 → 192.0.2.3';
    assert.deepEqual(planned(network([{ remote: '192.0.2.3' }]), kernel), [
      `link.del ${SWITCH} vxlan-5 ${cause}`,
      `tunnel.add ${SWITCH} vxlan-5 ${cause}`,
      `port.attach ${SWITCH} vxlan-5 ${cause}`,
    ]);
    assert.deepEqual(planned(network([{ bridge: 'c' }]), kernel), [
      `port.attach ${SWITCH} vxlan-5 port in another bridge than c`,
    ]);
    kernel.meddle(SWITCH, 'vxlan-5', { up: false, master: 0, alias: '' });
    assert.deepEqual(planned(network([{}]), kernel), [
      `port.attach ${SWITCH} vxlan-5 port not in bridge b, port not marked, port is down`,
    ]);
    kernel.deleteDevice(SWITCH, 'vxlan-5');
    assert.equal(planned(network([{}]), kernel).length, 2);
  });

  it('goes when nothing wants it, and counts as no link', () => {
    const kernel = settled(network([{}]));
    const { plan } = lookAt(network([]), kernel);
    assert.deepEqual(lines(plan.ops), [`link.del ${SWITCH} vxlan-5 not in the configuration`]);
    assert.deepEqual(plan.removed, []);
    const own = settled(network([{}]), 'own');
    const teardown = planTeardown(LAB, own.dumps());
    assert.deepEqual(teardown.links, ['a:eth0', 'a:eth1']);
    own.apply(teardown.ops);
    assert.deepEqual(
      own
        .dumps()
        .find(({ ns }) => ns === 'self')
        ?.links.map(({ ifname }) => ifname),
      ['lo'],
    );
  });

  it('fails by name where a stranger is in the way, and the rest goes on', () => {
    const kernel = settled(network([]));
    kernel.addDevice(SWITCH, 'vxlan-5', { kind: 'dummy' });
    const { plan } = lookAt(network([{}, { vni: 6 }]), kernel);
    assert.deepEqual(
      plan.failures.map(({ subject, code }) => `${subjectText(subject)} ${code}`),
      ['tunnel vxlan-5 E_FOREIGN_DEVICE'],
    );
    assert.deepEqual(lines(plan.ops).length, 2);
    const taken = settled(network([]));
    taken.addDevice('self', 'vx', { kind: 'vxlan', tunnel: { vni: 5, remote: '', dstPort: 8472 } });
    assert.match(lookAt(network([{}]), taken).plan.failures[0]?.message ?? '', /VNI 5 is taken by vx/);
    taken.meddle('self', 'vx', { tunnel: { vni: 5, remote: '', dstPort: 4789 } });
    assert.deepEqual(lookAt(network([{}]), taken).plan.failures, []);
  });

  it('is a port of an Open vSwitch where its bridge is one', () => {
    const wanted = network([{}], { b: 'ovs' });
    const kernel = new ModelKernel();
    kernel.makeNamespace('self');
    assert.deepEqual(planned(wanted, kernel), [
      `tunnel.add ${SWITCH} vxlan-5 missing`,
      `ovs.port ${SWITCH} vxlan-5 missing`,
    ]);
    kernel.apply(lookAt(wanted, kernel).plan.ops);
    assert.deepEqual(lookAt(wanted, kernel).plan.ops, []);
    assert.ok(lookAt(network([], { b: 'ovs' }), kernel).plan.ops.some((op) => op.op === 'ovs.del'));
  });

  it('is told by status, by configuration and by marks', () => {
    const kernel = settled(network([{}]));
    const wanted = network([{}, { vni: 6 }]);
    const { observed, placement, plan } = lookAt(wanted, kernel);
    const report = statusOf(wanted, observed, placement, plan);
    assert.deepEqual(
      report.tunnels.map(({ name, bridge, remote, observed: device, drift }) => [
        name,
        bridge,
        remote,
        device?.kind,
        drift,
      ]),
      [
        ['vxlan-5', 'b', '192.0.2.2', 'vxlan', []],
        ['vxlan-6', 'b', '192.0.2.2', undefined, []],
      ],
    );
    assert.ok(
      report.links.every(({ desired }) => desired !== null),
      'it is no stray link',
    );
    kernel.meddle(SWITCH, 'vxlan-5', { up: false });
    const drifted = lookAt(wanted, kernel);
    assert.deepEqual(statusOf(wanted, drifted.observed, drifted.placement, drifted.plan).tunnels[0]?.drift, [
      'port is down',
    ]);
    assert.deepEqual(
      statusByMarks(LAB, observed).tunnels.map(({ name, bridge, vni, desired }) => [name, bridge, vni, desired]),
      [['vxlan-5', 'b', 5, false]],
    );
  });

  it('is not that of another lab', () => {
    const kernel = settled(network([]));
    kernel.addDevice(SWITCH, 'vxlan-5', { group: groupOf('other', ROLE.port), alias: tunnelAlias('other', 'vxlan-5') });
    assert.equal(lookAt(network([{}]), kernel).plan.failures[0]?.code, 'E_FOREIGN_DEVICE');
  });
});
