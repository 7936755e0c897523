import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WirePatch } from '../../../src/plan/op.ts';
import type { NsId } from '../../../src/topology/topology.ts';
import { receiveFrames, sendFrames } from '../../support/frames.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { applyJob, change, veth } from '../ops/ops.ts';

const SOURCE = Buffer.from('02aabbccdd01', 'hex');

function frame(destination: string, rest: string): Buffer {
  const bytes = Buffer.concat([Buffer.from(destination, 'hex'), SOURCE, Buffer.from(rest, 'hex')]);
  // The least that Ethernet carries; what is shorter might be padded on its way.
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, 60 - bytes.length), 0x5a)]);
}

/** What a bridge would keep to itself or act upon, and what it would not. */
const FRAMES = {
  LLDP: frame('0180c200000e', '88cc02070402aabbccdd0104020761'),
  'STP BPDU': frame('0180c2000000', '00264242030000000000800002aabbccdd0100000000'),
  LACP: frame('0180c2000002', '88090101011480000200112233445566'),
  PAUSE: frame('0180c2000001', '880800010064'),
  '802.1Q': frame('02aabbccdd02', '8100a005080045000014'),
  'two tags': frame('02aabbccdd02', '88a80007810000050800'),
  IPv4: frame('02aabbccdd02', '0800450000200001'),
  'own type': frame('ffffffffffff', '88b5c0ffee'),
} as const;

function patch(ns: NsId, devA: string, devB: string): WirePatch {
  return { op: 'wire.patch', ns, link: null, cause: 'test', devA, devB };
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
    const sent = Object.values(FRAMES);
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
    const send = () => sendFrames(a.id, 'eth0', [FRAMES.LLDP]);
    assert.deepEqual(await receiveFrames(c.name, 'eth0', 1, send), [FRAMES.LLDP]);
    assert.deepEqual(await receiveFrames(b.name, 'eth0', 1, send, 300), []);
    const filters = JSON.parse(await middle.exec('tc', '-json', 'filter', 'show', 'dev', 'pa', 'ingress')) as object[];
    assert.equal(filters.filter((filter) => JSON.stringify(filter).includes('"to_dev":"pc"')).length, 1);
  });

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
});
