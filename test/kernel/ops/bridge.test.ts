import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NsId } from '../../../src/net/ns-id.ts';
import type { BridgeRaise, GroupSet } from '../../../src/wire/ops/switch.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { applyJob, bridge, GROUP, port, veth } from './ops.ts';

const onlyRoot = needs('root', 'program:ip');

function setting(ns: NsId, group: number, up: boolean): GroupSet {
  return { op: 'group.set', ns, link: null, cause: 'test', group, up };
}

function links(node: Netns, outer: Netns, count: number): void {
  const ops = Array.from({ length: count }, (_, n) =>
    veth(node.id, `e${n}`, outer.id, `p${n}`, { addresses: [`10.1.0.${n + 1}/24`] }),
  );
  assert.deepEqual(applyJob(node.id, ops), []);
}

test('bridges and ports are made, marked and raised by group', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  links(node, outer, 4);
  const failures = applyJob(outer.id, [
    bridge(outer.id, 'b0', { ifindex: 9000, raise: false }),
    bridge(outer.id, 'b1', { ifindex: 9001, raise: false, mcastSnooping: true }),
    ...[0, 1, 2, 3].map((n) =>
      port(outer.id, `p${n}`, `b${n % 2}`, { master: { dev: `b${n % 2}`, ifindex: 9000 + (n % 2) }, raise: false }),
    ),
    setting(outer.id, GROUP.port, true),
    setting(outer.id, GROUP.bridge, true),
  ]);
  assert.deepEqual(failures, []);
  for (const n of [0, 1, 2, 3]) {
    const link = await outer.link(`p${n}`);
    assert.equal(link?.master, `b${n % 2}`);
    assert.ok(link?.flags.includes('UP'));
    assert.match(link?.ifalias ?? '', /^linkloom\/1 /);
    assert.deepEqual(link?.addr_info, [], 'a port has no link-local address');
  }
  const b0 = await outer.link('b0');
  assert.equal(b0?.ifindex, 9000);
  assert.ok(b0?.flags.includes('UP'));
  assert.deepEqual(applyJob(outer.id, [setting(outer.id, GROUP.bridge, false)]), []);
  for (const name of ['b0', 'b1']) assert.ok(!(await outer.link(name))?.flags.includes('UP'));
  assert.equal(b0?.linkinfo?.info_data?.['mcast_snooping'], 0);
  assert.equal((await outer.link('b1'))?.linkinfo?.info_data?.['mcast_snooping'], 1);
  assert.equal((await outer.link('b1'))?.ifalias, bridge(outer.id, 'b1').alias);
  // A kernel without VLAN filtering does not tell it.
  assert.equal(b0?.linkinfo?.info_data?.['vlan_default_pvid'] ?? 0, 0);
});

test('raised singly, a bridge comes up with its ports and carries packets', onlyRoot, async () => {
  await using a = await newNetns();
  await using b = await newNetns();
  await using outer = await newNetns();
  assert.deepEqual(applyJob(a.id, [veth(a.id, 'eth0', outer.id, 'pa', { addresses: ['10.1.0.1/24'] })]), []);
  assert.deepEqual(applyJob(b.id, [veth(b.id, 'eth0', outer.id, 'pb', { addresses: ['10.1.0.2/24'] })]), []);
  const ops = [bridge(outer.id, 'b0'), port(outer.id, 'pa', 'b0'), port(outer.id, 'pb', 'b0', { mtuBytes: 1400 })];
  assert.deepEqual(applyJob(outer.id, ops), []);
  assert.equal((await outer.link('pb'))?.mtu, 1400);
  await a.exec('ping', '-c1', '-W2', '10.1.0.2');
});

test('a bridge whose index is taken gets another, and its ports find it', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  await outer.exec('ip', 'link', 'add', 'stranger', 'index', '9000', 'type', 'bridge');
  links(node, outer, 1);
  const ops = [
    bridge(outer.id, 'b0', { ifindex: 9000 }),
    port(outer.id, 'p0', 'b0', { master: { dev: 'b0', ifindex: 9000 } }),
  ];
  assert.deepEqual(applyJob(outer.id, ops), []);
  assert.equal((await outer.link('p0'))?.master, 'b0');
  assert.equal((await outer.link('stranger'))?.ifalias, undefined);
});

test('a stranger of a bridge’s name fails it and is left alone', onlyRoot, async () => {
  await using outer = await newNetns();
  await outer.exec('ip', 'link', 'add', 'b0', 'type', 'bridge');
  const [failure] = applyJob(outer.id, [bridge(outer.id, 'b0', { ifindex: 9000 })]);
  assert.equal(failure?.code, 'E_FOREIGN_DEVICE');
  const b0 = await outer.link('b0');
  assert.equal(b0?.ifalias, undefined);
  assert.ok(!b0?.flags.includes('UP'));
});

test('a bridge of ours that was down is marked and raised', onlyRoot, async () => {
  await using outer = await newNetns();
  await outer.exec('ip', 'link', 'add', 'b0', 'type', 'bridge');
  const op: BridgeRaise = {
    op: 'bridge.raise',
    ns: outer.id,
    link: null,
    cause: 'down',
    dev: 'b0',
    ifindex: (await outer.link('b0'))?.ifindex ?? 0,
    alias: 'x',
  };
  assert.deepEqual(applyJob(outer.id, [op]), []);
  assert.equal((await outer.link('b0'))?.ifalias, 'x');
  assert.ok((await outer.link('b0'))?.flags.includes('UP'));
});

test('a port that can’t be attached goes, and the end in the node with it', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  links(node, outer, 2);
  const failures = applyJob(outer.id, [
    bridge(outer.id, 'b0'),
    port(outer.id, 'p0', 'p1', { master: { dev: 'p1', ifindex: (await outer.link('p1'))?.ifindex ?? 0 } }),
    port(outer.id, 'p1', 'b0'),
    port(outer.id, 'p9', 'b0'),
  ]);
  assert.deepEqual(
    failures.map(({ op, subject, errnoName, leftBehind }) => [op, subject, errnoName, leftBehind]),
    [
      [1, 'p0 into p1', 'EOPNOTSUPP', null],
      [3, 'p9 into b0', 'ENODEV', null],
    ],
  );
  assert.equal(await node.link('e0'), undefined);
  assert.equal((await outer.link('p1'))?.master, 'b0');
});

test('a bridge takes 1,023 ports, the next is refused by name', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  await outer.exec('sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
  await node.exec('sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
  const all = Array.from({ length: 1024 }, (_, n) => n);
  assert.deepEqual(
    applyJob(
      node.id,
      all.map((n) => veth(node.id, `e${n}`, outer.id, `p${n}`)),
    ),
    [],
  );
  const failures = applyJob(outer.id, [bridge(outer.id, 'b0'), ...all.map((n) => port(outer.id, `p${n}`, 'b0'))]);
  assert.deepEqual(
    failures.map(({ op, errnoName }) => [op, errnoName]),
    [[1024, 'EXFULL']],
  );
});

test('a group that can’t be raised whole is raised singly, and what can’t be is named', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  links(node, outer, 3);
  // One with the address of its parent can't come up (macvlan_open).
  const mac = '02:00:00:00:00:07';
  const ip = (line: string) => outer.exec('ip', ...line.split(' '));
  await ip(`link add base address ${mac} type bridge`);
  await ip(`link add clash link base address ${mac} group ${GROUP.port} type macvlan`);
  const failures = applyJob(outer.id, [setting(outer.id, GROUP.port, true)]);
  assert.deepEqual(
    failures.map(({ call, subject, errnoName }) => [call, subject, errnoName]),
    [['RTM_NEWLINK', 'clash', 'EADDRINUSE']],
  );
  for (const n of [0, 1, 2]) assert.ok((await outer.link(`p${n}`))?.flags.includes('UP'));
});
