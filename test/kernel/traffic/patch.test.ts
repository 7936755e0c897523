import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NsId } from '../../../src/net/ns-id.ts';
import type { WireCut, WirePatch } from '../../../src/wire/ops/traffic.ts';
import { Namespaces } from '../../../workers/namespaces.ts';
import { errnoName } from '../../../workers/netlink/errors.ts';
import { MessageBatch } from '../../../workers/netlink/message.ts';
import { MATCH_ALL_KINDS, redirectAll } from '../../../workers/rtnl/filter.ts';
import { ingressOf } from '../../../workers/rtnl/ingress.ts';
import { createIngress } from '../../../workers/rtnl/qdisc.ts';
import { receiveFrames, sendFrames } from '../../support/frames.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { applyJob, change, veth } from '../ops/ops.ts';
import { KNOWN_FRAMES } from './known-frames.ts';

function patch(ns: NsId, devA: string, devB: string): WirePatch {
  return { op: 'wire.patch', ns, link: 'a:eth0', otherLink: 'b:eth0', cause: 'test', devA, devB, undo: [] };
}

function cut(ns: NsId, dev: string, ifindex: number, goes: boolean): WireCut {
  return { op: 'wire.cut', ns, link: 'a:eth0', cause: 'test', dev, ifindex, goes };
}

/** Two nodes, each with `eth0`, whose other ends `pa` and `pb` are up in the middle. */
async function threeNamespaces(): Promise<{ readonly a: Netns; readonly b: Netns; readonly middle: Netns }> {
  const [a, b, middle] = await Promise.all([newNetns('a'), newNetns('b'), newNetns('m')]);
  const up = { settings: { up: true } } as const;
  // Namespaces without IPv6: their own multicast would be among the frames.
  for (const ns of [a, b, middle]) await ns.exec('sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
  assert.deepEqual(applyJob(a.id, [veth(a.id, 'eth0', middle.id, 'pa')]), []);
  assert.deepEqual(applyJob(b.id, [veth(b.id, 'eth0', middle.id, 'pb')]), []);
  assert.deepEqual(applyJob(middle.id, [change(middle.id, 'pa', up), change(middle.id, 'pb', up)]), []);
  await Promise.all([a.untilUp('eth0'), b.untilUp('eth0'), middle.untilUp('pa'), middle.untilUp('pb')]);
  return { a, b, middle };
}

describe('a patch', () => {
  test('carries every kind of frame, both ways, and changes none', async () => {
    const { a, b, middle } = await threeNamespaces();
    await using _a = a;
    await using _b = b;
    await using _m = middle;
    assert.deepEqual(applyJob(middle.id, [patch(middle.id, 'pa', 'pb')]), []);
    const sent = Object.values(KNOWN_FRAMES);
    for (const [from, to] of [[a, b] as const, [b, a] as const]) {
      const got = await receiveFrames(to.name, 'eth0', sent.length, () => sendFrames(from.id, 'eth0', sent));
      assert.deepEqual(
        got.map((each) => each.toString('hex')),
        sent.map((each) => each.toString('hex')),
      );
    }
  });

  test('is tied anew with another device, and the earlier one hears nothing more', async () => {
    const { a, b, middle } = await threeNamespaces();
    await using _a = a;
    await using _b = b;
    await using _m = middle;
    await using c = await newNetns('c');
    await c.exec('sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
    assert.deepEqual(applyJob(c.id, [veth(c.id, 'eth0', middle.id, 'pc')]), []);
    assert.deepEqual(applyJob(middle.id, [change(middle.id, 'pc', { settings: { up: true } })]), []);
    await Promise.all([c.untilUp('eth0'), middle.untilUp('pc')]);
    assert.deepEqual(applyJob(middle.id, [patch(middle.id, 'pa', 'pb'), patch(middle.id, 'pa', 'pb')]), []);
    assert.deepEqual(applyJob(middle.id, [patch(middle.id, 'pa', 'pc')]), []);
    const send = () => sendFrames(a.id, 'eth0', [KNOWN_FRAMES.LLDP]);
    assert.deepEqual(await receiveFrames(c.name, 'eth0', 1, send), [KNOWN_FRAMES.LLDP]);
    assert.deepEqual(await receiveFrames(b.name, 'eth0', 1, send, { timeoutMs: 300 }), []);
    const filters = JSON.parse(await middle.exec('tc', '-json', 'filter', 'show', 'dev', 'pa', 'ingress')) as object[];
    assert.equal(filters.filter((filter) => JSON.stringify(filter).includes('"to_dev":"pc"')).length, 1);
  });

  for (const kind of MATCH_ALL_KINDS) {
    test(`is read back where ${kind} makes it, or refused by name where the kernel lacks that`, async () => {
      const { a, b, middle } = await threeNamespaces();
      await using _a = a;
      await using _b = b;
      await using _m = middle;
      const [pa, pb] = [await middle.link('pa'), await middle.link('pb')];
      assert.ok(pa && pb);
      using spaces = new Namespaces();
      const { socket } = spaces.get(middle.id);
      const batch = new MessageBatch();
      createIngress(batch, pa.ifindex);
      redirectAll(batch, pa.ifindex, pb.ifindex, kind);
      const [refusal] = socket.transact(batch);
      if (refusal) {
        assert.deepEqual([kind, errnoName(refusal.errno)], ['matchall', 'ENOENT']);
        return;
      }
      assert.equal(ingressOf(socket, pa.ifindex).redirect, pb.ifindex);
      assert.equal(ingressOf(socket, pb.ifindex).redirect, null);
      const send = () => sendFrames(a.id, 'eth0', [KNOWN_FRAMES.LACP]);
      assert.deepEqual(await receiveFrames(b.name, 'eth0', 1, send), [KNOWN_FRAMES.LACP]);
      await b.exec('ip', 'link', 'delete', 'eth0');
      assert.equal(ingressOf(socket, pa.ifindex).redirect, 0, 'the device that it redirects to is gone');
    });
  }

  test('with a device that there is not fails, and leaves nothing', async () => {
    const { a, b, middle } = await threeNamespaces();
    await using _a = a;
    await using _b = b;
    await using _m = middle;
    const [failure, ...more] = applyJob(middle.id, [patch(middle.id, 'pa', 'nowhere')]);
    assert.deepEqual(more, []);
    assert.equal(failure?.errnoName, 'ENODEV');
    assert.equal(failure.subject, 'nowhere');
    assert.doesNotMatch(await middle.exec('tc', 'qdisc', 'show', 'dev', 'pa'), /ingress/);
  });

  test('is cut whole, or loses its filters alone where its devices go right after', async () => {
    const { a, b, middle } = await threeNamespaces();
    await using _a = a;
    await using _b = b;
    await using _m = middle;
    const [pa, pb] = [await middle.link('pa'), await middle.link('pb')];
    assert.ok(pa && pb);
    const left = async (dev: string): Promise<readonly boolean[]> => [
      (await middle.exec('tc', 'qdisc', 'show', 'dev', dev)).includes('ingress'),
      (await middle.exec('tc', 'filter', 'show', 'dev', dev, 'ingress')).includes('mirred'),
    ];
    assert.deepEqual(applyJob(middle.id, [patch(middle.id, 'pa', 'pb')]), []);
    assert.deepEqual(await left('pa'), [true, true]);
    const cuts = [cut(middle.id, 'pa', pa.ifindex, true), cut(middle.id, 'pb', pb.ifindex, false)];
    assert.deepEqual(applyJob(middle.id, cuts), []);
    assert.deepEqual(await left('pa'), [true, false]);
    assert.deepEqual(await left('pb'), [false, false]);
    assert.deepEqual(applyJob(middle.id, cuts), [], 'gone already is no failure');
    assert.deepEqual(applyJob(middle.id, [patch(middle.id, 'pa', 'pb')]), [], 'and it can be tied again');
    assert.deepEqual(await left('pa'), [true, true]);
  });
});
