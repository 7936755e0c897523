/** Tests that every datapath of Open vSwitch must pass. The files `datapath.test.ts` register them. */
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { execa } from 'execa';
import { type Datapath, type OvsLab, ovsLab, ownDevices, pings } from './ovs.ts';

/** Two nodes on one bridge, and one on another. */
function configuration(lab: OvsLab, datapath: Datapath, more: object = {}, bridgeOfB = 's1') {
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
  assert.deepEqual((await lab.plan(wanted)).ops, []);
}

/** Registers the tests of a datapath. The basics are the first of them. */
export function testDatapath(datapath: Datapath, extent: 'basics' | 'all'): void {
  it('is started, carries packets, changes in place, and goes without a trace', async () => {
    await using lab = ovsLab();
    const wanted = configuration(lab, datapath);
    assert.equal((await lab.up(wanted)).links.created, 3);
    await carries(lab);
    assert.equal(await pings(lab.node('a'), '10.0.0.3', '-c', '1', '-W', '1'), false, 'bridges are apart');
    await unchanged(lab, wanted);
    const marks = await lab.vsctl('--columns=external_ids', 'list', 'port');
    assert.match(marks, new RegExp(`linkloom-dev=eth0, linkloom-lab=${lab.name}, linkloom-node=${lab.name}b`));
    const before = await lab.node('b').link('eth0');
    const changed = configuration(lab, datapath, { mtu: 9000 }, 's2');
    const { links } = await lab.up(changed);
    assert.deepEqual([links.changed, links.unchanged], [2, 1]);
    assert.equal((await lab.node('a').link('eth0'))?.mtu, 9000);
    assert.equal((await lab.node('b').link('eth0'))?.ifindex, before?.ifindex, 'moved, not made anew');
    assert.ok(await pings(lab.node('b'), '10.0.0.3'), 'in its new bridge');
    assert.equal(await pings(lab.node('a'), '10.0.0.2', '-c', '1', '-W', '1'), false, 'out of its old one');
    await unchanged(lab, changed);
    await lab.down();
    await lab.assertGone();
  });

  if (extent === 'basics') return;

  it('is mended by the next up when ovs-vswitchd, or both daemons, were killed', async () => {
    await using lab = ovsLab();
    const wanted = configuration(lab, datapath);
    await lab.up(wanted);
    await lab.kill('ovs-vswitchd');
    const drift = (await lab.status(wanted)).links.map((link) => link.drift.join());
    assert.deepEqual(new Set(drift), new Set(['Open vSwitch does not run']));
    await lab.up(wanted);
    await carries(lab);
    await unchanged(lab, wanted);
    await lab.kill('ovsdb-server');
    await lab.kill('ovs-vswitchd');
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
    const { links } = await lab.up(wanted);
    assert.deepEqual([links.created, links.unchanged], [1, 2]);
    await carries(lab);
    await unchanged(lab, wanted);
  });

  it('leaves ports that a user added, and takes those that nothing wants any more', async () => {
    await using lab = ovsLab();
    const wanted = configuration(lab, datapath);
    await lab.up(wanted);
    await lab.vsctl('add-port', 's1', 'mine', '--', 'set', 'interface', 'mine', 'type=internal');
    const { links, ...rest } = wanted;
    await lab.up({ ...rest, links: links.slice(0, 2) });
    assert.match(await lab.vsctl('list-ports', 's1'), /mine/);
    assert.equal(await lab.vsctl('list-ports', 's2'), '');
    await carries(lab);
  });

  it('takes over from a Linux bridge, and hands back', async () => {
    await using lab = ovsLab();
    const ovs = configuration(lab, datapath);
    const linux = { ...ovs, bridges: ['s1', 's2'].map((bridge) => ({ bridge, mode: 'linux' })) };
    const kind = async () => (await lab.switches.link('s1'))?.linkinfo?.info_kind;
    await lab.up(linux);
    await carries(lab);
    assert.equal(await kind(), 'bridge');
    await lab.up(ovs);
    await carries(lab);
    assert.equal(await kind(), datapath === 'netdev' ? 'tun' : 'openvswitch');
    await unchanged(lab, ovs);
    await lab.up(linux);
    await carries(lab);
    await unchanged(lab, linux);
    assert.deepEqual(lab.processes(), [], 'no bridge needs Open vSwitch');
  });

  it('works in our own namespace, and leaves nothing there even if its daemon was killed', async () => {
    await using lab = ovsLab('own');
    const before = await ownDevices();
    await lab.up(configuration(lab, datapath));
    await carries(lab);
    await lab.kill('ovs-vswitchd');
    await lab.down();
    await lab.assertGone();
    assert.deepEqual(await ownDevices(), before);
  });

  it('outlives neither up nor down where its namespace has lost its name', async () => {
    await using lab = ovsLab();
    const wanted = configuration(lab, datapath);
    await lab.up(wanted);
    const before = lab.processes();
    await execa('ip', ['netns', 'delete', lab.switches.name]);
    await lab.up(wanted);
    await carries(lab);
    assert.equal(lab.processes().length, 2);
    assert.deepEqual(
      lab.processes().filter((pid) => before.includes(pid)),
      [],
    );
    await execa('ip', ['netns', 'delete', lab.switches.name]);
    assert.deepEqual((await lab.down()).failures, []);
    await lab.assertGone();
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
    const { timings } = await lab.up(wanted);
    t.diagnostic(`200 bridges, 400 links (${datapath}): ${Math.round(timings.applyMs)} ms`);
    assert.ok(await pings(lab.node('x0'), '10.0.0.2', '-W', '10'));
    assert.ok(await pings(lab.node('x9'), '10.199.0.2', '-W', '10'));
    assert.equal((await lab.vsctl('list-br')).split('\n').length, 128, 'the first switch namespace is full');
    await unchanged(lab, wanted);
  });
}
