/**
 * A trunk between two hosts, which here are namespaces: every kind of frame passes, by IPv4 and IPv6, two labs share the port, and all of it
 * is read back from the kernel.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Op } from '../../../src/wire/op.ts';
import type { TrunkTie } from '../../../src/wire/ops/switch.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import { programIds } from '../../../workers/bpf/call.ts';
import { receiveFrames, sendFrames } from '../../support/frames.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { applyJob, change, dumpOf, GROUP, LAB, veth } from '../ops/ops.ts';
import { KNOWN_FRAMES, KNOWN_FRAMES_ONLY } from '../traffic/known-frames.ts';

const onlyRoot = { timeout: 120_000, ...needs('root', 'program:ip', 'program:tcpdump') };

const ADDRESSES = { 4: ['192.0.2.1', '192.0.2.2'], 6: ['2001:db8::1', '2001:db8::2'] } as const;
const PORT = 8473;

/** A host, the namespace of its ports, and a node on it. */
interface Host extends AsyncDisposable {
  readonly under: Netns;
  readonly side: Netns;
  readonly node: Netns;
}

async function hostOf(name: string): Promise<Host> {
  const [under, side, node] = await Promise.all([newNetns(`${name}u`), newNetns(`${name}s`), newNetns(`${name}n`)]);
  for (const ns of [side, node]) await ns.exec('sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
  return {
    ...{ under, side, node },
    [Symbol.asyncDispose]: async () => {
      for (const ns of [under, side, node]) await ns[Symbol.asyncDispose]();
    },
  };
}

async function twoHosts(): Promise<readonly [Host, Host]> {
  const [a, b] = [await hostOf('a'), await hostOf('b')];
  await a.under.exec('ip', 'link', 'add', 'under', 'type', 'veth', 'peer', 'name', 'under', 'netns', b.under.name);
  for (const [at, { under }] of [a, b].entries()) {
    await under.exec('ip', 'link', 'set', 'under', 'up');
    await under.exec('ip', 'address', 'add', `${ADDRESSES[4][at]}/24`, 'dev', 'under');
    await under.exec('ip', 'address', 'add', `${ADDRESSES[6][at]}/64`, 'dev', 'under', 'nodad');
  }
  await a.under.untilUp('under');
  return [a, b];
}

function trunk(host: Host, more: Partial<Extract<Op, { op: 'trunk.add' }>> = {}): Op {
  return {
    ...{ op: 'trunk.add', ns: host.side.id, link: 'tunnel trunk', cause: 'missing', dev: 'trunk', ifindex: null },
    ...{ group: GROUP.port, alias: `linkloom/1 ${LAB} #tunnel trunk`, dstPort: PORT, wiresMax: 4096 },
    ...{ underlay: host.under.id, ...more },
  };
}

function tie(host: Host, vni: number, remote: string, more: Partial<TrunkTie> = {}): TrunkTie {
  return {
    ...{ op: 'trunk.tie', ns: host.side.id, link: 'n:eth0', cause: 'missing', dev: 'p', trunk: 'trunk', vni, remote },
    ...{ local: null, isNew: true, ...more },
  };
}

/** A node's `eth0`, whose port is `p`, and a trunk that it is tied to. */
async function wired(host: Host, vni: number, remote: string, local: string): Promise<void> {
  const { node, side } = host;
  assert.deepEqual(applyJob(node.id, [veth(node.id, 'eth0', side.id, 'p')]), []);
  assert.deepEqual(applyJob(side.id, [trunk(host)]), []);
  const up = change(side.id, 'p', { settings: { up: true } });
  assert.deepEqual(applyJob(side.id, [up, tie(host, vni, remote, { local })]), []);
  await node.untilUp('eth0');
}

function deviceOf({ side }: Host, dev: string): LinkDump {
  const link = dumpOf(side.id).links.find(({ ifname }) => ifname === dev);
  assert.ok(link, dev);
  return link;
}

async function frames(from: Host, to: Host, timeoutMs = 10_000): Promise<readonly string[]> {
  const sent = Object.values(KNOWN_FRAMES);
  const send = () => sendFrames(from.node.id, 'eth0', sent);
  const options = { filter: KNOWN_FRAMES_ONLY, timeoutMs };
  return (await receiveFrames(to.node.name, 'eth0', sent.length, send, options)).map((one) => one.toString('hex'));
}

const ALL = Object.values(KNOWN_FRAMES).map((one) => one.toString('hex'));

for (const family of [4, 6] as const) {
  test(`carries every kind of frame by IPv${family}, both ways, and is read back`, onlyRoot, async () => {
    const programs: number[] = [];
    {
      const [a, b] = await twoHosts();
      await using _a = a;
      await using _b = b;
      const [own, other] = ADDRESSES[family];
      await wired(a, 16_385, other, own);
      await wired(b, 16_385, own, other);
      assert.deepEqual(await frames(a, b), ALL);
      assert.deepEqual(await frames(b, a), ALL);
      const device = deviceOf(a, 'trunk');
      const port = deviceOf(a, 'p');
      assert.deepEqual(device.tunnel, {
        ...{ vni: null, remote: '', dstPort: PORT, isExternal: true, vnis: [[16_385, 16_385]] },
      });
      assert.equal(device.trunk?.program?.id, port.program);
      const out = { port: port.ifindex, vni: 16_385, remote: other, local: own, trunk: device.ifindex };
      assert.deepEqual(device.trunk?.out, [out]);
      assert.deepEqual(device.trunk?.in, [{ vni: 16_385, port: port.ifindex }]);
      assert.ok(device.up && device.alias !== '');
      // Tied once more to another VNI the wire is broken, and whole again as it was.
      const again = (vni: number) => applyJob(a.side.id, [tie(a, vni, other, { local: own, isNew: false })]);
      assert.deepEqual(again(16_390), []);
      assert.deepEqual(await frames(a, b, 500), []);
      assert.deepEqual(again(16_385), []);
      const cut = { op: 'trunk.cut', ns: a.side.id, link: null, cause: 'test', dev: 'trunk' } as const;
      const stale = { ...cut, ifindex: device.ifindex, vnis: [16_390], ports: [4711] };
      assert.deepEqual(applyJob(a.side.id, [stale, stale]), []);
      assert.deepEqual(deviceOf(a, 'trunk').tunnel?.vnis, [[16_385, 16_385]]);
      assert.deepEqual(deviceOf(a, 'trunk').trunk?.in, [{ vni: 16_385, port: port.ifindex }]);
      assert.deepEqual(await frames(a, b), ALL);
      for (const host of [a, b]) programs.push(deviceOf(host, 'trunk').trunk?.program?.id ?? 0);
      assert.ok(programs.every((id) => programIds().includes(id)));
    }
    const left = () => programIds().filter((id) => programs.includes(id));
    const deadline = Date.now() + 20_000;
    while (left().length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(left(), [], 'nothing keeps a program, and its maps, without its trunk');
  });
}

test(
  'two trunks share the port; a VNI that another has is refused by name, and so is a port of ordinary tunnels',
  onlyRoot,
  async () => {
    await using a = await hostOf('a');
    await using b = await hostOf('b');
    const shared = { ...b, under: a.under };
    assert.deepEqual(applyJob(a.node.id, [veth(a.node.id, 'eth0', a.side.id, 'p')]), []);
    assert.deepEqual(applyJob(b.node.id, [veth(b.node.id, 'eth0', b.side.id, 'p')]), []);
    assert.deepEqual(applyJob(a.side.id, [trunk(a), tie(a, 20_000, '192.0.2.2')]), []);
    assert.deepEqual(applyJob(b.side.id, [trunk(shared), tie(shared, 20_001, '192.0.2.2')]), []);
    assert.deepEqual(applyJob(b.node.id, [veth(b.node.id, 'eth1', b.side.id, 'q')]), []);
    const ties = [tie(shared, 20_000, '192.0.2.2', { dev: 'q' })];
    const [failure, ...more] = applyJob(b.side.id, ties);
    assert.deepEqual(more, []);
    assert.equal(failure?.errnoName, 'EEXIST');
    assert.match(`${failure?.subject} ${failure?.extAck}`, /trunk VNI 20000 another tunnel of this host has the VNI/);
    assert.equal(await b.node.link('eth1'), undefined, 'what was made for it has gone again');
    assert.deepEqual(deviceOf(b, 'trunk').tunnel?.vnis, [[20_001, 20_001]]);

    await using c = await hostOf('c');
    await c.under.exec(
      'ip',
      'link',
      'add',
      'v',
      'up',
      'type',
      'vxlan',
      'id',
      '5',
      'remote',
      '192.0.2.9',
      'dstport',
      '8473',
    );
    const [taken, ...others] = applyJob(c.side.id, [trunk(c)]);
    assert.deepEqual(others, []);
    assert.equal(taken?.errnoName, 'EADDRINUSE');
    assert.match(taken?.extAck ?? '', /UDP port 8473/);
    assert.equal(await c.side.link('trunk'), undefined);
  },
);

test('a trunk without its program is told, and ports can not be tied to it', onlyRoot, async () => {
  await using a = await hostOf('a');
  assert.deepEqual(applyJob(a.node.id, [veth(a.node.id, 'eth0', a.side.id, 'p')]), []);
  assert.deepEqual(applyJob(a.side.id, [trunk(a)]), []);
  await a.side.exec('tc', 'qdisc', 'del', 'dev', 'trunk', 'ingress');
  assert.equal(deviceOf(a, 'trunk').trunk?.program, null);
  const [failure] = applyJob(a.side.id, [tie(a, 20_000, '192.0.2.2', { isNew: false })]);
  assert.match(failure?.extAck ?? '', /no program/);
});
