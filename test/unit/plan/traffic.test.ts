import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subjectText } from '../../../src/subject.ts';
import type { Network, TunnelSpec } from '../../../src/topology/topology.ts';
import { isMade, MADE } from '../../../src/wire/device-ref.ts';
import { bringUp, opLines, planOn } from '../../support/model/planning.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const A: Wanted = { node: 'a', dev: 'eth0', bridge: 'w' };
const B: Wanted = { node: 'b', dev: 'eth0', bridge: 'w' };

const wire = (...links: readonly Wanted[]): Network => networkOf(LAB, links, { w: 'patch' });
const bridged = (...links: readonly Wanted[]): Network => networkOf(LAB, links);

function settled(network: Network): ModelKernel {
  const kernel = new ModelKernel();
  if (network.tunnels.length > 0) kernel.makeNamespace('self');
  bringUp(network, kernel);
  return kernel;
}

function verdicts(network: Network, kernel: ModelKernel): string[] {
  return planOn(network, kernel).plan.links.map(({ link, verdict, cause }) =>
    [link, verdict, cause ?? []].flat().join(' '),
  );
}

describe('plans of wires', () => {
  it('make no bridge, and tie the ports before they are raised', () => {
    assert.deepEqual(opLines(planOn(wire(A, B), new ModelKernel()).plan.ops), [
      'netns.add netns/linkloom-lab switch namespace missing',
      'netns.add netns/a namespace missing',
      'netns.add netns/b namespace missing',
      'link.add netns/a eth0 missing',
      'port.attach netns/linkloom-lab a-eth0 missing',
      'link.add netns/b eth0 missing',
      'port.attach netns/linkloom-lab b-eth0 missing',
      'wire.patch netns/linkloom-lab a-eth0=b-eth0 missing',
      'group.set netns/linkloom-lab first set-up of this switch namespace',
      'group.set netns/linkloom-lab first set-up of this switch namespace',
    ]);
    assert.deepEqual(planOn(wire(A, B), settled(wire(A, B))).plan.ops, []);
  });

  it('leave a first end alone, and tie it once there is a second', () => {
    const kernel = settled(wire(A));
    assert.deepEqual(planOn(wire(A), kernel).plan.ops, []);
    assert.deepEqual(opLines(planOn(wire(A, B), kernel).plan.ops), [
      'netns.add netns/b namespace missing',
      'link.add netns/b eth0 missing',
      'port.attach netns/linkloom-lab b-eth0 missing',
      'wire.patch netns/linkloom-lab a-eth0=b-eth0 missing',
    ]);
    assert.deepEqual(verdicts(wire(A, B), kernel), ['a:eth0 unchanged', 'b:eth0 create missing']);
  });

  it('take an end that comes back under another name for the other end', () => {
    const kernel = settled(wire(A, B));
    const renamed = wire(A, { ...B, node: 'b2' });
    const { plan } = planOn(renamed, kernel);
    assert.deepEqual(plan.failures, []);
    assert.ok(opLines(plan.ops).includes('wire.patch netns/linkloom-lab a-eth0=b2-eth0 missing'));
    bringUp(renamed, kernel);
    assert.deepEqual(planOn(renamed, kernel).plan.ops, []);
  });

  it('mend one that was untied, and say what was wrong', () => {
    const kernel = settled(wire(A, B));
    kernel.meddle('netns/linkloom-lab', 'b-eth0', { redirect: null });
    assert.deepEqual(verdicts(wire(A, B), kernel), ['a:eth0 unchanged', 'b:eth0 change not tied to a:eth0']);
    assert.deepEqual(opLines(planOn(wire(A, B), kernel).plan.ops), [
      'wire.patch netns/linkloom-lab a-eth0=b-eth0 not tied',
    ]);
  });

  it('untie what is to be in a bridge, and take out of its bridge what is to be tied', () => {
    assert.deepEqual(opLines(planOn(bridged(A, B), settled(wire(A, B))).plan.ops), [
      'bridge.add netns/linkloom-lab w missing',
      'wire.cut netns/linkloom-lab a-eth0 no end of a wire any more',
      'port.attach netns/linkloom-lab a-eth0 no end of a wire any more, port not in bridge w',
      'wire.cut netns/linkloom-lab b-eth0 no end of a wire any more',
      'port.attach netns/linkloom-lab b-eth0 no end of a wire any more, port not in bridge w',
    ]);
    assert.deepEqual(opLines(planOn(wire(A, B), settled(bridged(A, B))).plan.ops), [
      'port.attach netns/linkloom-lab a-eth0 port in a bridge, not the end of a wire',
      'port.attach netns/linkloom-lab b-eth0 port in a bridge, not the end of a wire',
      'wire.patch netns/linkloom-lab a-eth0=b-eth0 not tied',
      'link.del netns/linkloom-lab w not in the configuration',
    ]);
  });

  it('untie an end whose other one went to another wire', () => {
    const modes = { w: 'patch', v: 'patch' } as const;
    const kernel = settled(networkOf(LAB, [A, B], modes));
    const moved = networkOf(LAB, [A, { ...B, bridge: 'v' }], modes);
    assert.deepEqual(opLines(planOn(moved, kernel).plan.ops), [
      'wire.cut netns/linkloom-lab a-eth0 tied to what is not its other end',
      'wire.cut netns/linkloom-lab b-eth0 tied to what is not its other end',
    ]);
    bringUp(moved, kernel);
    assert.deepEqual(planOn(moved, kernel).plan.ops, []);
  });

  it('block a third end, and leave the two as they are', () => {
    const { plan } = planOn(wire(A, B, { ...A, node: 'c' }), settled(wire(A, B)));
    assert.deepEqual(
      plan.ops.map(({ op }) => op),
      ['netns.add'],
    );
    assert.deepEqual(
      plan.failures.map(({ subject, code, message }) => [subjectText(subject), code, message]),
      [['c:eth0', 'E_CLASH', 'bridge w is patch, a wire of two ends: a:eth0 and b:eth0']],
    );
  });

  it('stay in the switch namespace that they are in, whatever else is added before them', () => {
    const pairs = (count: number, from = 0): Wanted[] =>
      Array.from({ length: count }, (_, n) => [
        { node: `n${n}`, dev: `x${from}`, bridge: `w${from}.${n}` },
        { node: `m${n}`, dev: `x${from}`, bridge: `w${from}.${n}` },
      ]).flat();
    const modes = (wanted: readonly Wanted[]) =>
      Object.fromEntries(wanted.map(({ bridge }) => [bridge ?? '', 'patch' as const]));
    const few = pairs(200);
    const kernel = settled(networkOf(LAB, few, modes(few)));
    const more = [...pairs(100, 1), ...few];
    const { plan } = planOn(networkOf(LAB, more, modes(more)), kernel);
    assert.ok(plan.ops.every(({ link }) => link === null || link.endsWith(':x1')));
    assert.equal(plan.links.filter(({ verdict }) => verdict === 'unchanged').length, 400);
  });
});

describe('plans of impairments', () => {
  const slow = (netem: string): Network => bridged({ ...A, netem }, B);

  it('impair a new link before its port is attached, and take the link back if that fails', () => {
    const { ops } = planOn(slow('delay 40ms'), new ModelKernel()).plan;
    const [impairment, ...more] = ops.filter(({ op }) => op === 'qdisc.netem');
    assert.deepEqual(more, []);
    assert.ok(impairment?.op === 'qdisc.netem' && impairment.undo && impairment.ifindex === MADE);
  });

  it('change what differs, with both in the cause', () => {
    const kernel = settled(slow('delay 40ms loss 1%'));
    assert.deepEqual(verdicts(slow('delay 80ms loss 1%'), kernel), [
      'a:eth0 change netem delay 40ms loss 1% → delay 80ms loss 1%',
      'b:eth0 unchanged',
    ]);
    const { ops } = planOn(slow('delay 80ms loss 1%'), kernel).plan;
    assert.deepEqual(
      ops.map(({ op }) => op),
      ['qdisc.netem'],
    );
    assert.ok(ops.every((op) => op.op === 'qdisc.netem' && !op.undo && !isMade(op.ifindex)));
  });

  it('see that a distribution was changed, which the kernel does not tell', () => {
    const kernel = settled(slow('delay 9ms 1ms distribution normal'));
    assert.deepEqual(verdicts(slow('delay 9ms 1ms distribution pareto'), kernel)[0]?.split(' ').slice(0, 2), [
      'a:eth0',
      'change',
    ]);
  });

  it('relieve a link that is to be impaired no more', () => {
    const kernel = settled(slow('delay 40ms'));
    assert.deepEqual(verdicts(bridged(A, B), kernel)[0], 'a:eth0 change netem delay 40ms not in the configuration');
    bringUp(bridged(A, B), kernel);
    const device = kernel.dumps().flatMap(({ links }) => links.filter(({ ifname }) => ifname === 'eth0'))[0];
    assert.deepEqual([device?.qdisc, device?.netem], ['noqueue', null]);
  });

  it('leave what others put there, and say so, unless something else is wanted', () => {
    const kernel = settled(slow('delay 40ms'));
    const found = kernel
      .dumps()
      .find(({ ns }) => ns === 'netns/a')
      ?.links.find(({ ifname }) => ifname === 'eth0');
    assert.ok(found?.netem);
    kernel.meddle('netns/a', 'eth0', { netem: { ...found.netem, handle: 0x80010000 } });
    const { plan } = planOn(bridged(A, B), kernel);
    assert.deepEqual(plan.ops, []);
    assert.deepEqual(plan.notes, ["a:eth0: netem delay 40ms is not linkloom's, left alone"]);
    assert.deepEqual(verdicts(slow('delay 40ms'), kernel)[0], 'a:eth0 change netem is not of this lab');
    kernel.meddle('netns/a', 'eth0', { qdisc: 'tbf', netem: null });
    assert.deepEqual(planOn(bridged(A, B), kernel).plan.ops, []);
    assert.deepEqual(verdicts(slow('delay 40ms'), kernel)[0], 'a:eth0 change qdisc tbf → netem');
  });

  it('impair both ends of a direct link, and a dummy', () => {
    const ends = [
      { ...A, netem: 'delay 1ms' },
      { ...B, netem: 'delay 2ms' },
    ];
    const direct = networkOf(LAB, [...ends, { node: 'a', dev: 'd0', type: 'dummy', netem: 'limit 5' }], {
      w: 'direct',
    });
    const kernel = settled(direct);
    assert.deepEqual(planOn(direct, kernel).plan.ops, []);
    const impaired = kernel.dumps().flatMap(({ links }) => links.filter(({ netem }) => netem !== null));
    assert.deepEqual(
      impaired.map(({ ifname, netem }) => `${ifname} ${netem?.netem.delayUs} ${netem?.netem.limitPackets}`).sort(),
      ['d0 null 5', 'eth0 1000 1000', 'eth0 2000 1000'],
    );
  });
});

describe('tunnels', () => {
  const TUNNEL: TunnelSpec = {
    ...{ type: 'vxlan', bridge: 'w', remote: '192.0.2.2', vni: 5 },
    ...{ netem: null, netemText: [], extra: {}, where: () => undefined },
  };
  const tunnelled = (network: Network, more: Partial<TunnelSpec> = {}): Network => ({
    ...network,
    tunnels: [{ ...TUNNEL, ...more }],
  });
  const netem = networkOf(LAB, [{ ...A, netem: 'delay 9ms' }]).links[0]?.spec.netem ?? null;

  it('are impaired before they are attached, changed in place, and relieved', () => {
    const slow = tunnelled(bridged(A), { netem });
    const { ops } = planOn(slow, new ModelKernel()).plan;
    const [impairment] = ops.filter(({ op }) => op === 'qdisc.netem');
    assert.ok(impairment?.op === 'qdisc.netem' && impairment.undo && !impairment.stacked);
    assert.deepEqual(
      [impairment.ns, impairment.dev, impairment.link],
      ['netns/linkloom-lab', 'vxlan-5', 'tunnel vxlan-5'],
    );
    const kernel = settled(slow);
    assert.deepEqual(planOn(slow, kernel).plan.ops, []);
    assert.deepEqual(opLines(planOn(tunnelled(bridged(A)), kernel).plan.ops), [
      'qdisc.netem netns/linkloom-lab vxlan-5 netem delay 9ms not in the configuration',
    ]);
    bringUp(tunnelled(bridged(A)), kernel);
    assert.deepEqual(planOn(tunnelled(bridged(A)), kernel).plan.ops, []);
  });

  it('are ends of wires, too', () => {
    const kernel = settled(tunnelled(wire(A)));
    const ports = kernel.dumps().flatMap(({ links }) => links.filter(({ redirect }) => redirect !== null));
    assert.deepEqual(ports.map(({ ifname, master }) => `${ifname} ${master}`).sort(), ['a-eth0 0', 'vxlan-5 0']);
    assert.deepEqual(planOn(tunnelled(wire(A)), kernel).plan.ops, []);
    kernel.meddle('netns/linkloom-lab', 'vxlan-5', { redirect: null });
    assert.deepEqual(opLines(planOn(tunnelled(wire(A)), kernel).plan.ops), [
      'wire.patch netns/linkloom-lab vxlan-5=a-eth0 not tied',
    ]);
    bringUp(tunnelled(bridged(A)), kernel);
    assert.deepEqual(planOn(tunnelled(bridged(A)), kernel).plan.ops, []);
    const third = planOn(tunnelled(wire(A, B)), settled(tunnelled(wire(A)))).plan;
    assert.deepEqual(
      third.failures.map(({ subject, code }) => `${subjectText(subject)} ${code}`),
      ['b:eth0 E_CLASH'],
    );
  });
});
