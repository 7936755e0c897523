import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execaSync } from 'execa';
import type { NsId } from '../../../src/net/ns-id.ts';
import { type DeviceRef, MADE } from '../../../src/wire/device-ref.ts';
import type { LinkDel } from '../../../src/wire/ops/links.ts';
import { NetlinkSocket } from '../../../workers/netlink/socket.ts';
import { needs } from '../../support/needs.ts';
import { newNetns } from '../../support/netns.ts';
import { applyJob, bridge, GROUP, port, veth } from './ops.ts';

const onlyRoot = needs('root', 'program:ip');

function del(ns: NsId, dev: string, ifindex: DeviceRef | null): LinkDel {
  return {
    op: 'link.del',
    ns,
    link: null,
    cause: 'test',
    dev,
    ifindex: ifindex ?? MADE,
    seen: { group: null, alias: null },
    isBridge: false,
  };
}

test('one or many go, by index or name; strangers stay; gone already is no failure', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const ops = Array.from({ length: 5 }, (_, n) => veth(node.id, `e${n}`, outer.id, `p${n}`, { ifindex: 4000 + n }));
  assert.deepEqual(applyJob(node.id, ops), []);
  assert.deepEqual(applyJob(node.id, [del(node.id, 'e0', 4000)]), []);
  assert.deepEqual(
    applyJob(node.id, [del(node.id, 'e0', MADE), del(node.id, 'e1', MADE), del(node.id, 'e2', 4002)]),
    [],
  );
  assert.deepEqual(applyJob(node.id, [del(node.id, 'e0', 4000)]), []);
  const left = (await node.links()).filter(({ ifname }) => ifname !== 'lo');
  assert.deepEqual(
    left.map(({ ifname, group }) => `${ifname} ${group}`),
    [`e3 ${GROUP.nodeEnd}`, `e4 ${GROUP.nodeEnd}`],
  );
});

test('an index that has passed to another name is not touched', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const ops = ['e0', 'e1', 'e2'].map((dev, n) => veth(node.id, dev, outer.id, `p${n}`, { ifindex: 4000 + n }));
  assert.deepEqual(applyJob(node.id, ops), []);
  assert.deepEqual(applyJob(node.id, [del(node.id, 'other', 4000)]), []);
  assert.deepEqual(applyJob(node.id, [del(node.id, 'other', 4000), del(node.id, 'e1', 4001)]), []);
  const left = (await node.links()).map(({ ifname }) => ifname);
  assert.deepEqual(left, ['lo', 'e0', 'e2']);
});

test(
  'two hundred devices go together, their other ends too; who is killed between two sends leaves none in a group of nobody',
  onlyRoot,
  async () => {
    await using node = await newNetns();
    await using outer = await newNetns();
    const ops = Array.from({ length: 200 }, (_, n) => veth(node.id, `e${n}`, outer.id, `p${n}`, { ifindex: 4000 + n }));
    assert.deepEqual(applyJob(node.id, ops), []);
    const groups = new Set<string>();
    NetlinkSocket.onSend = () => {
      const { stdout } = execaSync('ip', ['-n', node.name, '-json', 'link']);
      for (const { group } of JSON.parse(stdout) as readonly { readonly group: string }[]) groups.add(group);
    };
    try {
      assert.deepEqual(
        applyJob(
          node.id,
          ops.map(({ dev, ifindex }) => del(node.id, dev, ifindex)),
        ),
        [],
      );
    } finally {
      NetlinkSocket.onSend = null;
    }
    assert.deepEqual([...groups].sort(), [String(GROUP.nodeEnd), 'default']);
    assert.deepEqual(
      (await outer.links()).map(({ ifname }) => ifname),
      ['lo'],
    );
  },
);

test('both ends in one namespace can be named together', onlyRoot, async () => {
  await using node = await newNetns();
  assert.deepEqual(applyJob(node.id, [veth(node.id, 'e0', node.id, 'e1')]), []);
  assert.deepEqual(applyJob(node.id, [del(node.id, 'e0', MADE), del(node.id, 'e1', MADE)]), []);
  assert.equal((await node.links()).length, 1);
});

test('many bridges and ports go at once, and those that are not named stay', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const numbers = Array.from({ length: 30 }, (_, n) => n);
  const veths = numbers.map((n) => veth(node.id, `e${n}`, outer.id, `p${n}`, {}));
  assert.deepEqual(applyJob(node.id, veths), []);
  const bridges = numbers.map((n) => bridge(outer.id, `b${n}`, { ifindex: 9000 + n }));
  assert.deepEqual(applyJob(outer.id, [...bridges, ...numbers.map((n) => port(outer.id, `p${n}`, `b${n}`))]), []);
  const doomed = numbers
    .slice(1)
    .flatMap((n) => [{ ...del(outer.id, `b${n}`, 9000 + n), isBridge: true }, del(outer.id, `p${n}`, MADE)]);
  assert.deepEqual(applyJob(outer.id, doomed), []);
  const left = (await outer.links()).map(({ ifname }) => ifname).filter((name) => name !== 'lo');
  assert.deepEqual(left.sort(), ['b0', 'p0']);
});
