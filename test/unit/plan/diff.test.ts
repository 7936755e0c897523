import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aliasOf, groupOf, ROLE } from '../../../src/net/mark.ts';
import { diff } from '../../../src/plan/diff.ts';
import { observedOf } from '../../../src/plan/observed.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { isShardName, place } from '../../../src/plan/switch/placement.ts';
import { subjectText } from '../../../src/subject.ts';
import type { Network } from '../../../src/topology/topology.ts';
import type { Op } from '../../../src/wire/op.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';
const PAIR: readonly Wanted[] = [
  { node: 'a', dev: 'eth0', bridge: 'b', addresses: ['10.0.0.1/24'] },
  { node: 'c', dev: 'eth0', bridge: 'b', addresses: ['10.0.0.2/24'] },
];

function planOf(network: Network, kernel: ModelKernel): Plan {
  const dumps = kernel.dumps();
  const shards = dumps.map((dump) => dump.ns).filter((ns) => isShardName(LAB, ns));
  const observed = observedOf(LAB, dumps, shards, true);
  return diff(network, observed, place(LAB, 'netns', network.bridges, network.links, observed), { prune: true });
}

/** A plan as lines: the golden form of these tests. */
function lines(plan: Plan): string[] {
  return plan.ops.map((op: Op) =>
    [op.op, op.ns, 'dev' in op ? op.dev : '', op.cause].filter((word) => word !== '').join(' '),
  );
}

function settled(network: Network): ModelKernel {
  const kernel = new ModelKernel();
  kernel.apply(planOf(network, kernel).ops);
  return kernel;
}

describe('diff', () => {
  it('makes the switch namespace, bridges, nodes and links of an empty kernel, then raises by group', () => {
    assert.deepEqual(lines(planOf(networkOf(LAB, PAIR), new ModelKernel())), [
      'netns.add netns/linkloom-lab switch namespace missing',
      'bridge.add netns/linkloom-lab b missing',
      'netns.add netns/a namespace missing',
      'netns.add netns/c namespace missing',
      'link.add netns/a eth0 missing',
      'port.attach netns/linkloom-lab a-eth0 missing',
      'link.add netns/c eth0 missing',
      'port.attach netns/linkloom-lab c-eth0 missing',
      'group.set netns/linkloom-lab first set-up of this switch namespace',
      'group.set netns/linkloom-lab first set-up of this switch namespace',
    ]);
  });

  it('plans nothing for what is in order', () => {
    const network = networkOf(LAB, PAIR);
    const plan = planOf(network, settled(network));
    assert.deepEqual(plan.ops, []);
    assert.deepEqual(
      plan.links.map((link) => link.verdict),
      ['unchanged', 'unchanged'],
    );
  });

  it('changes just what was edited, with its cause', () => {
    const kernel = settled(networkOf(LAB, PAIR));
    const edited = networkOf(LAB, [
      { ...PAIR[0], addresses: ['10.0.0.9/24'], mtuBytes: 9000 } as Wanted,
      PAIR[1] as Wanted,
    ]);
    assert.deepEqual(lines(planOf(edited, kernel)), [
      'ip.del netns/a eth0 address 10.0.0.9/24 missing, address 10.0.0.1/24 not in the configuration',
      'link.set netns/a eth0 mtu 65535 → 9000, address 10.0.0.9/24 missing, address 10.0.0.1/24 not in the configuration',
      'port.attach netns/linkloom-lab a-eth0 port mtu 65535 → 9000',
    ]);
  });

  it('raises an added port singly, so that ports which a user set down stay down', () => {
    const kernel = settled(networkOf(LAB, PAIR));
    const plan = planOf(networkOf(LAB, [...PAIR, { node: 'a', dev: 'eth1', bridge: 'b' }]), kernel);
    assert.deepEqual(lines(plan), ['link.add netns/a eth1 missing', 'port.attach netns/linkloom-lab a-eth1 missing']);
    assert.ok(plan.ops.some((op) => op.op === 'port.attach' && op.raise));
  });

  it('lowers the port of a wire whose other host is lost, keeps it down with whatever else differs, and raises it later', () => {
    const network = networkOf(LAB, PAIR);
    const kernel = settled(network);
    const cut = ({ links, ...rest }: Network, more: object = {}): Network => ({
      ...rest,
      links: links.map((link) =>
        link.id === 'a:eth0' ? ({ ...link, spec: { ...link.spec, isCutOff: true, ...more } } as typeof link) : link,
      ),
    });
    const lowering = planOf(cut(network), kernel);
    assert.deepEqual(lines(lowering), ['link.set netns/linkloom-lab a-eth0 the host at the other end is lost']);
    kernel.apply(lowering.ops);
    assert.deepEqual(planOf(cut(network), kernel).ops, []);
    const smaller = planOf(cut(network, { mtuBytes: 1500 }), kernel);
    assert.deepEqual(
      smaller.ops.flatMap((op) => (op.op === 'group.set' ? [op.cause] : [])),
      [],
      'a message to the group would raise it',
    );
    assert.deepEqual(lines(planOf(network, kernel)), ['port.attach netns/linkloom-lab a-eth0 port is down']);
  });

  it('removes what the configuration no longer has, and the namespace that it was alone in', () => {
    const kernel = settled(networkOf(LAB, PAIR));
    const plan = planOf(networkOf(LAB, PAIR.slice(0, 1)), kernel);
    assert.deepEqual(plan.removed, ['c:eth0']);
    assert.deepEqual(lines(plan), [
      'link.del netns/linkloom-lab c-eth0 not in the configuration',
      'netns.del netns/c not in the configuration',
    ]);
  });

  it('leaves a foreign device alone and fails its link by name', () => {
    const kernel = new ModelKernel();
    kernel.makeNamespace('netns/a');
    kernel.addDevice('netns/a', 'eth0');
    const plan = planOf(networkOf(LAB, PAIR), kernel);
    assert.deepEqual(
      plan.failures.map(({ subject, code }) => [subjectText(subject), code]),
      [['a:eth0', 'E_FOREIGN_DEVICE']],
    );
    assert.ok(!plan.ops.some((op) => op.link === 'a:eth0'));
    assert.ok(
      plan.ops.some((op) => op.link === 'c:eth0'),
      'the other link is made all the same',
    );
  });

  it('refuses a bridge whose name is taken before anything is touched', () => {
    const kernel = settled(networkOf(LAB, PAIR));
    kernel.meddle('netns/linkloom-lab', 'b', { alias: aliasOf('other', '#bridge', 'b') });
    assert.throws(() => planOf(networkOf(LAB, PAIR), kernel), { code: 'E_FOREIGN_DEVICE' });
  });

  it('reports a node end that was renamed, and does not fight it', () => {
    const kernel = settled(networkOf(LAB, PAIR));
    kernel.meddle('netns/a', 'eth0', { ifname: 'wan0' });
    const plan = planOf(networkOf(LAB, PAIR), kernel);
    assert.deepEqual(plan.ops, []);
    assert.match(plan.failures[0]?.message ?? '', /eth0 was renamed to wan0/);
  });

  it('makes a link again whose node end was deleted', () => {
    const network = networkOf(LAB, PAIR);
    const kernel = settled(network);
    kernel.deleteDevice('netns/a', 'eth0');
    assert.deepEqual(lines(planOf(network, kernel)), [
      'link.add netns/a eth0 missing',
      'port.attach netns/linkloom-lab a-eth0 missing',
    ]);
  });

  it('completes a link that was cut off between creation and marking', () => {
    const network = networkOf(LAB, PAIR);
    const kernel = settled(network);
    kernel.meddle('netns/linkloom-lab', 'a-eth0', { alias: '', master: 0, up: false });
    assert.deepEqual(lines(planOf(network, kernel)), [
      'port.attach netns/linkloom-lab a-eth0 port not in bridge b, port not marked, port is down',
    ]);
  });

  it('makes a direct link of one veth and finishes its far end', () => {
    const network = networkOf(LAB, PAIR, { b: 'direct' });
    const plan = planOf(network, new ModelKernel());
    assert.deepEqual(lines(plan), [
      'netns.add netns/linkloom-lab switch namespace missing',
      'netns.add netns/a namespace missing',
      'netns.add netns/c namespace missing',
      'link.add netns/a eth0 missing',
      'link.set netns/c eth0 missing',
    ]);
    assert.deepEqual(planOf(network, settled(network)).ops, []);
  });

  it('tells foreign addresses on a device of ours and leaves them', () => {
    const network = networkOf(LAB, PAIR);
    const kernel = settled(network);
    const dumps = kernel.dumps();
    const meddled = dumps.map((dump) => {
      const end = dump.ns === 'netns/a' ? dump.links.find((link) => link.ifname === 'eth0') : undefined;
      const address = { ifindex: end?.ifindex ?? 0, address: '192.0.2.1/24', protocol: 0, scope: 'global' } as const;
      return end ? { ...dump, addresses: [...dump.addresses, address] } : dump;
    });
    const observed = observedOf(LAB, meddled, ['netns/linkloom-lab'], true);
    const plan = diff(network, observed, place(LAB, 'netns', network.bridges, network.links, observed), {
      prune: true,
    });
    assert.deepEqual(plan.ops, []);
    assert.deepEqual(plan.notes, ["a:eth0: address 192.0.2.1/24 is not linkloom's, left alone"]);
  });

  it('knows a device of another lab for foreign', () => {
    const kernel = settled(networkOf(LAB, PAIR));
    kernel.meddle('netns/a', 'eth0', { group: groupOf('other', ROLE.nodeEnd) });
    assert.match(planOf(networkOf(LAB, PAIR), kernel).failures[0]?.message ?? '', /made by another lab of linkloom\)/);
  });
});
