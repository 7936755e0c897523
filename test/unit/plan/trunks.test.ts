/** Wires to other hosts through a trunk: made, compared entry by entry, and mended without touching the others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NsId } from '../../../src/net/ns-id.ts';
import { diff } from '../../../src/plan/diff.ts';
import { observedOf } from '../../../src/plan/observed.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { statusOf } from '../../../src/plan/status/compare.ts';
import { tunnelsByMarks } from '../../../src/plan/status/tunnel-status.ts';
import { isShardName, place } from '../../../src/plan/switch/placement.ts';
import { planTeardown } from '../../../src/plan/teardown.ts';
import { trunkDev } from '../../../src/topology/names.ts';
import type { Network, TunnelSpec } from '../../../src/topology/topology.ts';
import type { Op } from '../../../src/wire/op.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf } from '../../support/networks.ts';

const LAB = 'lab';
const SWITCH: NsId = 'netns/linkloom-lab';
const TRUNK = trunkDev(LAB, SWITCH);
const OTHER = '192.0.2.2';

interface Wire {
  readonly vni?: number;
  readonly remote?: string;
  readonly local?: string;
  /** Whether the wire has a device of its own. */
  readonly isAlone?: boolean;
}

/** Nodes `a`, `b`, …, each with one wire to another host. */
function network(wires: Readonly<Record<string, Wire>>): Network {
  const nodes = Object.keys(wires);
  const links = nodes.map((node) => ({ node, dev: 'eth0', bridge: `w-${node}` }));
  const modes = Object.fromEntries(nodes.map((node) => [`w-${node}`, 'patch' as const]));
  const tunnels = Object.entries(wires).map(([node, { isAlone = false, ...more }], at): TunnelSpec => {
    return {
      ...{ type: 'vxlan', bridge: `w-${node}`, remote: OTHER, vni: 16_385 + at, local: '192.0.2.1' },
      ...{ port: isAlone ? 8472 : 8473, ...(!isAlone && { isInTrunk: true }) },
      ...{ netem: null, netemText: [], extra: {}, where: () => undefined, ...more },
    };
  });
  return { ...networkOf(LAB, links, modes), tunnels };
}

function look(wanted: Network, kernel: ModelKernel, prune = true) {
  const dumps = kernel.dumps();
  const shards = dumps.map(({ ns }) => ns).filter((ns) => isShardName(LAB, ns));
  const observed = observedOf(LAB, dumps, shards, true, kernel.ovs());
  const placement = place(LAB, 'netns', wanted.bridges, wanted.links, observed);
  return { observed, placement, plan: diff(wanted, observed, placement, { prune }) };
}

function planFor(wanted: Network, kernel: ModelKernel, prune = true): Plan {
  return look(wanted, kernel, prune).plan;
}

function settled(wanted: Network): ModelKernel {
  const kernel = new ModelKernel();
  for (const ns of ['self', ...wanted.nodes.map((node) => node.ns)] as const) kernel.makeNamespace(ns);
  kernel.apply(planFor(wanted, kernel).ops);
  assert.deepEqual(planFor(wanted, kernel).ops, []);
  return kernel;
}

function deviceIn(kernel: ModelKernel, dev: string): LinkDump {
  const { links = [] } = kernel.dumps().find(({ ns }) => ns === SWITCH) ?? {};
  const link = links.find(({ ifname }) => ifname === dev);
  assert.ok(link, dev);
  return link;
}

const lines = (ops: readonly Op[]): string[] => ops.map((op) => `${op.op} ${'dev' in op ? op.dev : ''}: ${op.cause}`);

const TWO = network({ a: {}, b: { remote: '192.0.2.3' } });

test('one device for all wires, and then nothing to do', () => {
  const kernel = settled(TWO);
  const { trunk, tunnel } = deviceIn(kernel, TRUNK);
  assert.deepEqual(tunnel?.vnis, [
    [16_385, 16_385],
    [16_386, 16_386],
  ]);
  const ports = ['a-eth0', 'b-eth0'].map((dev) => deviceIn(kernel, dev).ifindex);
  assert.deepEqual(
    trunk?.in.map(({ port }) => port),
    ports,
  );
  assert.deepEqual(
    trunk?.out.map(({ port, vni, remote, local }) => [port, vni, remote, local]),
    [
      [ports[0], 16_385, OTHER, '192.0.2.1'],
      [ports[1], 16_386, '192.0.2.3', '192.0.2.1'],
    ],
  );
});

/** Changes the trunk's tables as somebody else would. */
function meddle(
  kernel: ModelKernel,
  change: (trunk: NonNullable<LinkDump['trunk']>) => Partial<LinkDump['trunk']>,
): void {
  const { trunk } = deviceIn(kernel, TRUNK);
  assert.ok(trunk);
  kernel.meddle(SWITCH, TRUNK, { trunk: { ...trunk, ...change(trunk) } });
}

const DRIFTS: Readonly<Record<string, readonly [(kernel: ModelKernel) => void, string]>> = {
  'an entry of the way out is gone': [
    (kernel) => meddle(kernel, ({ out }) => ({ out: out.slice(1) })),
    `not tied to ${TRUNK}`,
  ],
  'an entry of the way in is gone': [
    (kernel) => meddle(kernel, (of) => ({ in: of.in.slice(1) })),
    'vni 16385 does not lead to it',
  ],
  'another remote': [
    (kernel) =>
      meddle(kernel, ({ out }) => ({ out: out.map((one, at) => (at === 0 ? { ...one, remote: '192.0.2.9' } : one)) })),
    `remote 192.0.2.9 → ${OTHER}`,
  ],
  'a VNI that is not heard': [
    (kernel) => {
      const { tunnel } = deviceIn(kernel, TRUNK);
      if (tunnel) kernel.meddle(SWITCH, TRUNK, { tunnel: { ...tunnel, vnis: [[16_386, 16_386]] } });
    },
    'vni 16385 does not lead to it',
  ],
  'a port without the program': [
    (kernel) => kernel.meddle(SWITCH, 'a-eth0', { program: null }),
    `not tied to ${TRUNK}`,
  ],
};

for (const [name, [drift, cause]] of Object.entries(DRIFTS)) {
  test(`${name}: that wire alone is mended`, () => {
    const kernel = settled(TWO);
    drift(kernel);
    const { plan, observed, placement } = look(TWO, kernel);
    assert.deepEqual(lines(plan.ops), [`trunk.tie a-eth0: ${cause}`]);
    assert.deepEqual(
      plan.links.map(({ link, verdict }) => `${link} ${verdict}`),
      ['a:eth0 change', 'b:eth0 unchanged'],
    );
    assert.deepEqual(statusOf(TWO, observed, placement, plan).links[0]?.drift, [cause]);
    kernel.apply(plan.ops);
    assert.deepEqual(planFor(TWO, kernel).ops, []);
  });
}

test('a trunk without its program, of another port or another kind is made anew, and all wires are tied again', () => {
  for (const [change, cause] of [
    [{ trunk: { program: null, out: [], in: [] } }, 'its program is gone'],
    [{ trunk: { program: { id: 1, name: 'linkloom-trunk-0' }, out: [], in: [] } }, 'its program is another one'],
    [{ tunnel: { vni: null, remote: '', dstPort: 8474, isExternal: true, vnis: [] } }, 'port 8474 → 8473'],
    [{ tunnel: { vni: 5, remote: OTHER, dstPort: 8473 } }, 'type vxlan → trunk'],
  ] as const) {
    const kernel = settled(TWO);
    kernel.meddle(SWITCH, TRUNK, change);
    const { ops } = planFor(TWO, kernel);
    const tied = 'its trunk is made anew';
    assert.deepEqual(lines(ops), [
      `link.del ${TRUNK}: ${cause}`,
      `trunk.add ${TRUNK}: ${cause}`,
      `trunk.tie a-eth0: ${tied}`,
      `trunk.tie b-eth0: ${tied}`,
    ]);
    kernel.apply(ops);
    assert.deepEqual(planFor(TWO, kernel).ops, []);
  }
});

test('what was set down or lost its mark is mended, and what others made is left alone', () => {
  const kernel = settled(TWO);
  kernel.meddle(SWITCH, TRUNK, { up: false, alias: '' });
  assert.deepEqual(lines(planFor(TWO, kernel).ops), [`port.attach ${TRUNK}: port not marked, port is down`]);
  kernel.meddle(SWITCH, TRUNK, { group: 0 });
  const { ops, failures, links } = planFor(TWO, kernel);
  assert.deepEqual(lines(ops), []);
  assert.deepEqual(
    failures.map(({ code, message }) => `${code} ${message}`),
    [`E_FOREIGN_DEVICE the switch side already has a device ${TRUNK} that this lab did not make`].map((text) =>
      text.replace('the switch side', failures[0]?.message.split(' already')[0] ?? ''),
    ),
  );
  assert.deepEqual(
    links.map(({ verdict }) => verdict),
    ['waits', 'waits'],
  );
});

test('a wire that goes takes its entries along; the last one takes the trunk', () => {
  const kernel = settled(TWO);
  const port = deviceIn(kernel, 'b-eth0').ifindex;
  const one = network({ a: {} });
  const plan = planFor(one, kernel);
  const cut = plan.ops.find((op) => op.op === 'trunk.cut');
  assert.ok(cut?.op === 'trunk.cut');
  assert.deepEqual([cut.dev, cut.vnis, cut.ports, cut.cause], [TRUNK, [16_386], [port], 'entries of no wire']);
  // A part of the lab says nothing of what the rest wants.
  assert.deepEqual(planFor(one, kernel, false).ops, []);
  kernel.apply(plan.ops);
  assert.deepEqual(planFor(one, kernel).ops, []);
  assert.deepEqual(
    deviceIn(kernel, TRUNK).trunk?.out.map(({ vni }) => vni),
    [16_385],
  );
  const none = { ...networkOf(LAB, [{ node: 'a', dev: 'eth0', bridge: 'lan' }]), tunnels: [] };
  const last = planFor(none, kernel).ops;
  assert.ok(last.some((op) => op.op === 'link.del' && op.dev === TRUNK));
  kernel.apply(last);
  assert.deepEqual(planFor(none, kernel).ops, []);
});

test('a port that is made anew is tied, and its old entry goes', () => {
  const kernel = settled(TWO);
  const before = deviceIn(kernel, 'a-eth0').ifindex;
  kernel.deleteDevice('netns/a', 'eth0');
  const { ops } = planFor(TWO, kernel);
  const cut = ops.find((op) => op.op === 'trunk.cut');
  assert.deepEqual(cut?.op === 'trunk.cut' && [cut.vnis, cut.ports], [[], [before]]);
  const tie = ops.find((op) => op.op === 'trunk.tie');
  assert.deepEqual(tie?.op === 'trunk.tie' && [tie.dev, tie.isNew], ['a-eth0', true]);
  kernel.apply(ops);
  assert.deepEqual(planFor(TWO, kernel).ops, []);
});

test('from a device of its own to the trunk and back', () => {
  const alone = network({ a: { isAlone: true }, b: { remote: '192.0.2.3' } });
  const tiesOf = (ops: readonly Op[]) => lines(ops.filter(({ op }) => op === 'trunk.tie' || op === 'wire.patch'));
  const kernel = settled(alone);
  const there = planFor(TWO, kernel).ops;
  assert.deepEqual(tiesOf(there), [`trunk.tie a-eth0: not tied to ${TRUNK}, vni 16385 does not lead to it`]);
  kernel.apply(there);
  assert.deepEqual(planFor(TWO, kernel).ops, []);
  assert.ok(!has(kernel, 'vxlan-16385'));
  const back = planFor(alone, kernel).ops;
  assert.deepEqual(tiesOf(back), ['wire.patch : missing']);
  kernel.apply(back);
  assert.deepEqual(planFor(alone, kernel).ops, []);
  assert.ok(has(kernel, 'vxlan-16385'));
  assert.deepEqual(deviceIn(kernel, TRUNK).trunk?.in.length, 1);
});

function has(kernel: ModelKernel, dev: string): boolean {
  return kernel.dumps().some(({ ns, links }) => ns === SWITCH && links.some(({ ifname }) => ifname === dev));
}

test('status shows each wire, with a configuration and by marks alone; down takes all', () => {
  const kernel = settled(TWO);
  const { observed, placement, plan } = look(TWO, kernel);
  const { tunnels } = statusOf(TWO, observed, placement, plan);
  const shown = (list: typeof tunnels) =>
    list.map(({ name, remote, vni, observed: device }) => [name, remote, vni, device?.ifname]);
  const rows = [
    ['vxlan-16385', OTHER, 16_385, TRUNK],
    ['vxlan-16386', '192.0.2.3', 16_386, TRUNK],
  ];
  assert.deepEqual(shown(tunnels), rows);
  assert.deepEqual(shown(tunnelsByMarks(LAB, observed)), rows);
  kernel.apply(planTeardown(LAB, kernel.dumps()).ops);
  assert.ok(!kernel.dumps().some(({ ns }) => ns === SWITCH));
});
