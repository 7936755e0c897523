/**
 * One LAN over three hosts, which here are namespaces on one bridge: a vxlan at each that floods to the other two. Frames reach every
 * node once, and what others do to the list is seen and mended.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MADE } from '../../../src/wire/device-ref.ts';
import type { Op } from '../../../src/wire/op.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { applyJob, bridge, dumpOf, GROUP, port } from '../ops/ops.ts';

const onlyRoot = { timeout: 120_000, ...needs('root', 'program:ip', 'program:ping') };

const FAMILIES = {
  4: (host: number) => `192.0.2.${host + 1}`,
  6: (host: number) => `2001:db8::${host + 1}`,
} as const;
const VXLAN = 'vxlan-16385';

/** Hosts on one bridge, each with the addresses of both families. */
async function underlay(hosts: readonly Netns[], between: Netns): Promise<void> {
  await between.exec('ip', 'link', 'add', 'name', 'br', 'up', 'type', 'bridge');
  for (const [at, host] of hosts.entries()) {
    await host.exec('ip', 'link', 'add', 'under', 'type', 'veth', 'peer', 'name', `h${at}`, 'netns', between.name);
    await between.exec('ip', 'link', 'set', `h${at}`, 'master', 'br', 'up');
    await host.exec('ip', 'link', 'set', 'under', 'up');
    await host.exec('ip', 'address', 'add', `${FAMILIES[4](at)}/24`, 'dev', 'under');
    await host.exec('ip', 'address', 'add', `${FAMILIES[6](at)}/64`, 'dev', 'under', 'nodad');
  }
}

function tunnelOps(host: Netns, local: string, ends: readonly string[]): readonly Op[] {
  const base = { ns: host.id, link: `tunnel ${VXLAN}`, cause: 'missing', dev: VXLAN } as const;
  return [
    {
      ...{ ...base, op: 'tunnel.add', type: 'vxlan', kind: 'vxlan', ifindex: null, group: GROUP.port, vni: 16_385 },
      ...{ remote: ends[0] ?? '', isFlooding: true, local, dstPort: 8472, underlay: host.id },
    },
    flood(host, ends, []),
    bridge(host.id, 'lan', { raise: true }),
    port(host.id, VXLAN, 'lan', { mtuBytes: null, raise: true }),
  ];
}

function flood(host: Netns, add: readonly string[], del: readonly string[]): Op {
  const base = { op: 'tunnel.flood', ns: host.id, link: `tunnel ${VXLAN}`, cause: 'test', dev: VXLAN } as const;
  const ifindex = dumpOf(host.id).links.find(({ ifname }) => ifname === VXLAN)?.ifindex;
  return { ...base, ifindex: ifindex ?? MADE, add, del };
}

const seen = (host: Netns) => dumpOf(host.id).links.find(({ ifname }) => ifname === VXLAN)?.tunnel;

async function received(node: Netns): Promise<number> {
  const [link] = JSON.parse(await node.exec('ip', '-statistics', '-json', 'link', 'show', 'dev', 'eth0')) as {
    readonly stats64: { readonly rx: { readonly packets: number } };
  }[];
  return link?.stats64.rx.packets ?? 0;
}

for (const family of [4, 6] as const) {
  test(
    `a LAN over three hosts by IPv${family}: each frame once to each node, and the list is kept exact`,
    onlyRoot,
    async () => {
      await using between = await newNetns('u');
      await using h1 = await newNetns('h');
      await using h2 = await newNetns('h');
      await using h3 = await newNetns('h');
      await using n1 = await newNetns('n');
      await using n2 = await newNetns('n');
      await using n3 = await newNetns('n');
      const hosts = [h1, h2, h3];
      const nodes = [n1, n2, n3];
      await underlay(hosts, between);
      // What IPv6 says by itself would be counted too.
      for (const of of [...hosts, ...nodes])
        await of.exec('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6');
      const endsOf = (own: number): string[] => [0, 1, 2].filter((other) => other !== own).map(FAMILIES[family]);
      for (const [at, host] of hosts.entries()) {
        assert.deepEqual(applyJob(host.id, tunnelOps(host, FAMILIES[family](at), endsOf(at))), []);
        await host.exec(
          'ip',
          'link',
          'add',
          'p0',
          'type',
          'veth',
          'peer',
          'name',
          'eth0',
          'netns',
          nodes[at]?.name ?? '',
        );
        await host.exec('ip', 'link', 'set', 'p0', 'master', 'lan', 'up');
        await nodes[at]?.exec('ip', 'link', 'set', 'eth0', 'up', 'mtu', '1400');
        await nodes[at]?.exec('ip', 'address', 'add', `10.9.0.${at + 1}/24`, 'dev', 'eth0');
        await nodes[at]?.untilUp('eth0');
      }
      for (const [at, host] of hosts.entries()) {
        const { flood: list, ...rest } = seen(host) ?? {};
        const local = FAMILIES[family](at);
        assert.deepEqual(rest, { vni: 16_385, remote: '', dstPort: 8472, local });
        assert.deepEqual(new Set(list), new Set(endsOf(at)));
      }
      for (const from of nodes.keys()) {
        for (const to of nodes.keys()) {
          if (from === to) continue;
          const answer = await nodes[from]?.exec('ping', '-c', '3', '-i', '0.02', '-W', '5', `10.9.0.${to + 1}`);
          assert.match(answer ?? '', /3 received, 0% packet loss/);
          assert.doesNotMatch(answer ?? '', /DUP|duplicates/);
        }
      }
      // A broadcast is for every node once: with a loop, or with two ways, it would come again.
      const before = await Promise.all([n2, n3].map(received));
      const answers = await n1.exec('sh', '-c', 'ping -b -c 5 -i 0.2 -W 1 10.9.0.255 || true');
      assert.doesNotMatch(answers, /bytes from/);
      const after = await Promise.all([n2, n3].map(received));
      for (const [at, count] of after.entries())
        assert.ok(isOnce(count - (before[at] ?? 0)), `${count} after ${before[at]}`);

      await h1.exec('bridge', 'fdb', 'append', '00:00:00:00:00:00', 'dev', VXLAN, 'dst', FAMILIES[family](8));
      await h1.exec('bridge', 'fdb', 'del', '00:00:00:00:00:00', 'dev', VXLAN, 'dst', FAMILIES[family](1));
      const drifted = seen(h1)?.flood ?? [];
      assert.deepEqual(new Set(drifted), new Set([...endsOf(0).slice(1), FAMILIES[family](8)]));
      const mend = () => flood(h1, endsOf(0), [FAMILIES[family](8)]);
      assert.deepEqual(applyJob(h1.id, [mend()]), []);
      assert.deepEqual(applyJob(h1.id, [mend()]), [], 'what is so already is no failure');
      assert.deepEqual(new Set(seen(h1)?.flood), new Set(endsOf(0)));
      assert.match(await n1.exec('ping', '-c', '1', '-W', '5', '10.9.0.2'), /1 received/);
    },
  );
}

/** Five frames, and a question of ARP or two. With a second copy they were ten. */
const isOnce = (frames: number): boolean => frames >= 5 && frames < 10;

test('an end that no vxlan can have is told', onlyRoot, async () => {
  await using host = await newNetns('h');
  await host.exec('ip', 'link', 'add', 'under', 'type', 'veth', 'peer', 'name', 'other');
  await host.exec('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'under');
  assert.deepEqual(applyJob(host.id, tunnelOps(host, '192.0.2.1', ['192.0.2.2'])), []);
  const failures = applyJob(host.id, [flood(host, ['2001:db8::2'], [])]);
  assert.equal(failures.length, 1);
  assert.match(JSON.stringify(failures), /RTM_NEWNEIGH.*2001:db8::2/);
});
