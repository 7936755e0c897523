/**
 * Bridges of mode `ovs`: a real Open vSwitch of the lab's own, real packets through its two datapaths. The kernel's is
 * proved where the kernel has it; elsewhere it is refused before anything is touched.
 */
import assert from 'node:assert/strict';

import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../../support/needs.ts';
import { type Datapath, kernelDatapath, type OvsLab, ovsLab, pings } from '../../support/ovs.ts';

const NEEDS = needs('root', 'program:ip', 'program:ovs-vsctl', 'program:ovs-vswitchd', 'program:ping');
const kernel = NEEDS.skip === undefined ? await kernelDatapath() : { available: false, undo: async () => {} };

/** Two nodes on one bridge, and one on another. */
function configuration(lab: OvsLab, datapath: Datapath, more: object = {}, bridgeOfB = 's1'): object {
  return {
    bridges: [
      { bridge: 's1', mode: 'ovs', datapath },
      { bridge: 's2', mode: 'ovs', datapath },
    ],
    links: [
      { netns: `${lab.name}a`, dev: 'eth0', bridge: 's1', ip: ['10.0.0.1/24', 'fd00::1/64'], ...more },
      { netns: `${lab.name}b`, dev: 'eth0', bridge: bridgeOfB, ip: ['10.0.0.2/24', 'fd00::2/64'] },
      { netns: `${lab.name}c`, dev: 'eth0', bridge: 's2', ip: '10.0.0.3/24' },
    ],
  };
}

async function carries(lab: OvsLab): Promise<void> {
  assert.ok(await pings(lab.node('a'), '10.0.0.2'), 'IPv4');
  assert.ok(await pings(lab.node('a'), 'fd00::2'), 'IPv6');
  assert.ok(await pings(lab.node('a'), '10.0.0.2', '-s', '60000'), 'a packet as large as the MTU allows');
}

async function unchanged(lab: OvsLab, wanted: object): Promise<void> {
  const plan = await lab.run('plan', wanted, '--detailed-exitcode');
  assert.equal(plan.exitCode, 0, plan.stdout);
}

async function untilEnded(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  // Process 1 of a container may never take note of it: then it stays a zombie, without a command line.
  await sleep(100);
}

for (const datapath of ['netdev', 'system'] as const) {
  const skip = datapath === 'system' && !kernel.available ? { skip: 'this kernel has no openvswitch' } : {};
  describe(`Open vSwitch, datapath ${datapath}`, { timeout: 170_000, ...skip, ...NEEDS }, () => {
    it('is started, carries packets, changes in place, and goes without a trace', async () => {
      await using lab = ovsLab();
      const wanted = configuration(lab, datapath);
      const first = await lab.up(wanted);
      assert.match(first.stderr, /3 created/);
      await carries(lab);
      assert.equal(await pings(lab.node('a'), '10.0.0.3', '-c', '1', '-W', '1'), false, 'bridges are apart');
      await unchanged(lab, wanted);
      const ids = await lab.vsctl('get', 'port', `${lab.name}b-eth0`.slice(0, 15), 'external_ids').catch(() => '');
      const all = await lab.vsctl('--columns=external_ids', 'list', 'port');
      assert.match(all, new RegExp(`linkloom-dev=eth0, linkloom-lab=${lab.name}, linkloom-node=${lab.name}b`), ids);
      const before = await lab.node('b').link('eth0');
      const changed = configuration(lab, datapath, { mtu: 9000 }, 's2');
      assert.match((await lab.up(changed)).stderr, /2 changed, 1 unchanged/);
      assert.equal((await lab.node('a').link('eth0'))?.mtu, 9000);
      assert.equal((await lab.node('b').link('eth0'))?.ifindex, before?.ifindex, 'moved, not made anew');
      assert.ok(await pings(lab.node('b'), '10.0.0.3'), 'in its new bridge');
      assert.equal(await pings(lab.node('a'), '10.0.0.2', '-c', '1', '-W', '1'), false, 'out of its old one');
      await unchanged(lab, changed);
      assert.equal((await lab.down()).exitCode, 0);
      await lab.assertGone();
    });

    it('is mended by the next up when ovs-vswitchd, or both daemons, were killed', async () => {
      await using lab = ovsLab();
      const wanted = configuration(lab, datapath);
      await lab.up(wanted);
      await untilEnded(lab.pid('ovs-vswitchd'));
      const status = await lab.run('status', wanted, '--detailed-exitcode');
      assert.equal(status.exitCode, 4);
      assert.match(status.stdout, /Open vSwitch does not run/);
      await lab.up(wanted);
      await carries(lab);
      await unchanged(lab, wanted);
      await untilEnded(lab.pid('ovsdb-server'));
      await untilEnded(lab.pid('ovs-vswitchd'));
      await lab.up(wanted);
      await carries(lab);
      await unchanged(lab, wanted);
      assert.equal(lab.processes().length, 2);
    });

    it('takes the port of a node that came back, under the same name', async () => {
      await using lab = ovsLab();
      const wanted = configuration(lab, datapath);
      await lab.up(wanted);
      await lab.node('b').exec('ip', 'link', 'delete', 'eth0');
      const ran = await lab.up(wanted);
      assert.match(ran.stderr, /1 created, 2 unchanged/);
      await carries(lab);
      await unchanged(lab, wanted);
    });

    it('leaves ports that a user added, and takes those that nothing wants any more', async () => {
      await using lab = ovsLab();
      const wanted = configuration(lab, datapath);
      await lab.up(wanted);
      await lab.vsctl('add-port', 's1', 'mine', '--', 'set', 'interface', 'mine', 'type=internal');
      const { links, ...rest } = wanted as { links: readonly object[] };
      await lab.up({ ...rest, links: links.slice(0, 2) });
      assert.match(await lab.vsctl('list-ports', 's1'), /mine/);
      assert.equal(await lab.vsctl('list-ports', 's2'), '');
      await carries(lab);
    });

    it('takes over from a Linux bridge, and hands back', async () => {
      await using lab = ovsLab();
      const ovs = configuration(lab, datapath) as { bridges: readonly object[]; links: readonly object[] };
      const linux = { ...ovs, bridges: [{ bridge: 's1' }, { bridge: 's2' }].map((b) => ({ ...b, mode: 'linux' })) };
      await lab.up(linux);
      await carries(lab);
      assert.equal((await lab.switches.link('s1'))?.linkinfo?.info_kind, 'bridge');
      await lab.up(ovs);
      await carries(lab);
      assert.equal((await lab.switches.link('s1'))?.linkinfo?.info_kind, datapath === 'netdev' ? 'tun' : 'openvswitch');
      await unchanged(lab, ovs);
      await lab.up(linux);
      await carries(lab);
      await unchanged(lab, linux);
      assert.deepEqual(lab.processes(), [], 'no bridge needs Open vSwitch');
    });

    it('works in our own namespace, and leaves nothing there even if its daemon was killed', async () => {
      await using lab = ovsLab('own');
      const wanted = configuration(lab, datapath);
      await lab.up(wanted);
      await carries(lab);
      await untilEnded(lab.pid('ovs-vswitchd'));
      assert.equal((await lab.down()).exitCode, 0);
      await lab.assertGone();
      assert.deepEqual(await ownDevices(), []);
    });

    it('makes 200 bridges with 400 ports, one transaction in each switch namespace', async (t: TestContext) => {
      await using lab = ovsLab();
      const numbers = Array.from({ length: 200 }, (_, n) => n);
      const link = (n: number, side: number) => ({
        netns: `${lab.name}${side === 1 ? 'x' : 'y'}${n % 10}`,
        dev: `e${Math.floor(n / 10)}`,
        bridge: `s${n}`,
        ip: `10.${n}.0.${side}/24`,
      });
      const wanted = {
        bridges: numbers.map((n) => ({ bridge: `s${n}`, mode: 'ovs', datapath })),
        links: numbers.flatMap((n) => [link(n, 1), link(n, 2)]),
      };
      const { stdout } = await lab.up(wanted, '--json');
      const { timings } = JSON.parse(stdout) as { timings: { applyMs: number } };
      t.diagnostic(`200 bridges, 400 links (${datapath}): ${Math.round(timings.applyMs)} ms`);
      assert.ok(await pings(lab.node('x0'), '10.0.0.2', '-W', '10'));
      assert.ok(await pings(lab.node('x9'), '10.199.0.2', '-W', '10'));
      assert.equal((await lab.vsctl('list-br')).split('\n').length, 128, 'the first switch namespace is full');
      await unchanged(lab, wanted);
    });
  });
}

async function ownDevices(): Promise<readonly string[]> {
  const { execa } = await import('execa');
  const { stdout } = await execa('ip', ['-json', 'link']);
  return (JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => ifname).filter((name) => name !== 'lo');
}

describe('Open vSwitch that is not there', { timeout: 120_000, ...NEEDS }, () => {
  before(() => kernel.undo());
  after(() => kernel.undo());

  it('is refused before anything is touched: by the kernel', { skip: kernel.available }, async () => {
    await using lab = ovsLab();
    const ran = await lab.run('up', configuration(lab, 'system'));
    assert.equal(ran.exitCode, 3, ran.stderr);
    assert.match(ran.stderr, /bridge s1 mode is 'ovs', but no 'openvswitch' kernel module loaded/);
    assert.match(ran.stderr, /datapath: netdev/);
    await lab.assertGone();
  });

  it('is a Linux bridge where the mode is auto, with a warning if it was written', async () => {
    await using lab = ovsLab();
    const links = [{ netns: `${lab.name}a`, dev: 'eth0', bridge: 's1' }];
    const ran = await lab.up({ bridges: [{ bridge: 's1', mode: 'auto' }], links });
    assert.match(ran.stderr, /bridge s1 mode is 'auto', but no 'openvswitch' kernel module loaded, so falling back/);
    assert.equal((await lab.switches.link('s1'))?.linkinfo?.info_kind, 'bridge');
    assert.doesNotMatch((await lab.run('plan', { links })).stderr, /openvswitch/);
  });
});

describe('mode auto', {
  timeout: 120_000,
  ...NEEDS,
  ...(kernel.available ? {} : { skip: 'no kernel datapath' }),
}, () => {
  it('is Open vSwitch where the kernel has it', async () => {
    const loaded = await kernelDatapath();
    try {
      await using lab = ovsLab();
      await lab.up({ links: [{ netns: `${lab.name}a`, dev: 'eth0', bridge: 's1' }] });
      assert.equal((await lab.switches.link('s1'))?.linkinfo?.info_kind, 'openvswitch');
    } finally {
      await loaded.undo();
    }
  });
});
