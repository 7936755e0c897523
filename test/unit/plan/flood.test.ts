/** Tunnels with several remote ends: made, compared, and mended without being made anew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NsId } from '../../../src/net/ns-id.ts';
import { diff } from '../../../src/plan/diff.ts';
import { observedOf } from '../../../src/plan/observed.ts';
import { isShardName, place } from '../../../src/plan/switch/placement.ts';
import type { Network, TunnelSpec } from '../../../src/topology/topology.ts';
import type { Op } from '../../../src/wire/op.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf } from '../../support/networks.ts';

const LAB = 'lab';
const SWITCH: NsId = 'netns/linkloom-lab';

function network(more: Partial<TunnelSpec>): Network {
  const tunnel: TunnelSpec = {
    ...{ type: 'vxlan', bridge: 'b', remote: '192.0.2.2', vni: 5, local: '192.0.2.1', port: 8472 },
    ...{ netem: null, netemText: [], extra: {}, where: () => undefined },
    ...more,
  };
  return { ...networkOf(LAB, [{ node: 'a', dev: 'eth0', bridge: 'b' }]), tunnels: [tunnel] };
}

function opsFor(wanted: Network, kernel: ModelKernel): readonly Op[] {
  const dumps = kernel.dumps();
  const shards = dumps.map(({ ns }) => ns).filter((ns) => isShardName(LAB, ns));
  const observed = observedOf(LAB, dumps, shards, true, kernel.ovs());
  return diff(wanted, observed, place(LAB, 'netns', wanted.bridges, wanted.links, observed), { prune: true }).ops;
}

function settled(wanted: Network): ModelKernel {
  const kernel = new ModelKernel();
  kernel.makeNamespace('self');
  kernel.apply(opsFor(wanted, kernel));
  return kernel;
}

/** Ops about the tunnel. */
const lines = (ops: readonly Op[]): string[] =>
  ops.flatMap((op) => {
    if (!('dev' in op) || op.dev !== 'vxlan-5') return [];
    const change = op.op === 'tunnel.flood' ? ` +[${op.add}] -[${op.del}]` : '';
    return [`${op.op}${change}: ${op.cause}`];
  });

test('the ends come before the port, and then there is nothing to do', () => {
  const wanted = network({ flood: ['192.0.2.2', '192.0.2.3'] });
  const kernel = new ModelKernel();
  kernel.makeNamespace('self');
  const ops = opsFor(wanted, kernel);
  assert.deepEqual(lines(ops), [
    'tunnel.add: missing',
    'tunnel.flood +[192.0.2.2,192.0.2.3] -[]: missing',
    'port.attach: missing',
  ]);
  const add = ops.find((op) => op.op === 'tunnel.add');
  assert.ok(add?.op === 'tunnel.add');
  assert.deepEqual([add.isFlooding, add.local, add.dstPort], [true, '192.0.2.1', 8472]);
  kernel.apply(ops);
  assert.deepEqual(lines(opsFor(wanted, kernel)), []);
});

test('ends more and less are changed in place', () => {
  const kernel = settled(network({ flood: ['192.0.2.2', '192.0.2.3'] }));
  const other = network({ flood: ['192.0.2.5', '192.0.2.4', '192.0.2.2'] });
  const ops = opsFor(other, kernel);
  assert.deepEqual(lines(ops), [
    'tunnel.flood +[192.0.2.5,192.0.2.4] -[192.0.2.3]: no remote 192.0.2.5, no remote 192.0.2.4, remote 192.0.2.3',
  ]);
  kernel.apply(ops);
  assert.deepEqual(lines(opsFor(other, kernel)), []);
});

test('one end or a list, another port, another address of its own: the device is made anew', () => {
  const list = { flood: ['192.0.2.2', '192.0.2.3'] };
  const causes = (from: Partial<TunnelSpec>, to: Partial<TunnelSpec>) =>
    lines(opsFor(network(to), settled(network(from))))[0];
  assert.equal(causes(list, {}), 'link.del: remote none → 192.0.2.2');
  assert.equal(causes({}, list), 'link.del: remote 192.0.2.2 → 192.0.2.2, 192.0.2.3');
  assert.equal(causes(list, { ...list, port: 4789 }), 'link.del: port 8472 → 4789');
  assert.equal(causes(list, { ...list, local: '192.0.2.9' }), 'link.del: local 192.0.2.1 → 192.0.2.9');
  assert.equal(causes({}, {}), undefined);
  for (const [from, to] of [
    [list, {}],
    [{}, list],
  ]) {
    const kernel = settled(network(from as Partial<TunnelSpec>));
    kernel.apply(opsFor(network(to as Partial<TunnelSpec>), kernel));
    assert.deepEqual(lines(opsFor(network(to as Partial<TunnelSpec>), kernel)), []);
    assert.ok(kernel.dumps().some(({ ns }) => ns === SWITCH));
  }
});
