/**
 * What is proved of links of each kind, and that no probe leaves the lab. What the running kernel lacks (vlan, ipvlan) is told as missing
 * there; in the virtual machine, which has all, it is proved.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { kernelHas } from '../../support/kernel-types.ts';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { ovsLab } from '../../support/ovs.ts';
import { faultsOf, proofOf } from '../../support/proof/read.ts';

/** `state` where the kernel has the type, else `missing`. `ok` is left out, as `faultsOf` does. */
function told(type: string, links: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (kernelHas(type)) return Object.fromEntries(Object.entries(links).filter(([, state]) => state !== 'ok'));
  return Object.fromEntries(Object.keys(links).map((link) => [link, 'missing']));
}

/** How many probes arrived at a device since it was made: everything else is kept away from it. */
async function received(netns: string, dev: string): Promise<number> {
  const { stdout } = await execa('ip', ['-n', netns, '-s', '-json', 'link', 'show', 'dev', dev]);
  return JSON.parse(stdout)[0].stats64.rx.packets;
}

/** A device of the host, which this suite has for itself, with its other end in a namespace where IPv6 says nothing. */
async function uplink(dev: string, far: Netns): Promise<void> {
  await execa('ip', ['link', 'add', dev, 'type', 'veth', 'peer', 'name', dev, 'netns', far.name]);
  await far.exec('ip', 'link', 'set', dev, 'up');
  await execa('ip', ['link', 'set', dev, 'addrgenmode', 'none']);
  await execa('ip', ['link', 'set', dev, 'up']);
}

describe('kinds of links', { timeout: 170_000, ...needs('root', 'program:ip', 'program:tc') }, () => {
  const lab = testLab('netns', 'k');
  let far: Netns;
  const on = (letter: string, dev: string, more: object) => ({ netns: lab.node(letter).name, dev, ...more });

  before(async () => {
    far = await newNetns();
    await far.exec('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1');
    await Promise.all(['up0', 'up1', 'up2'].map((dev) => uplink(dev, far)));
  });
  after(async () => {
    await lab.down();
    await Promise.all(['up0', 'up1', 'up2'].map((dev) => execa('ip', ['link', 'del', dev], { reject: false })));
    await far[Symbol.asyncDispose]();
  });

  it('children of a parent of the host hear each other, and nobody beyond hears them', async () => {
    const child = (letter: string, dev: string, more: object) =>
      on(letter, dev, { 'outer-dev': 'up0', type: 'macvlan', mode: 'bridge', ...more });
    const configuration = {
      links: [
        ...['a', 'b', 'c'].map((letter) => child(letter, 'm0', {})),
        child('d', 'm0', { mode: 'vepa' }),
        child('e', 'v9', { type: 'vlan', mode: undefined, vlanid: 9 }),
      ],
    };
    await lab.up(JSON.parse(JSON.stringify(configuration)));
    for (const letter of ['a', 'b', 'c', 'd', 'e']) {
      await lab.node(letter).exec('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
    }
    const before = await received(far.name, 'up0');
    const proof = await lab.verify(JSON.parse(JSON.stringify(configuration)));
    assert.deepEqual(faultsOf(proof), { 'd:m0': 'not-proved', ...told('vlan', { 'e:v9': 'not-proved' }) });
    assert.equal(await received(far.name, 'up0'), before);
    await lab.node('b').exec('ip', 'link', 'set', 'm0', 'type', 'macvlan', 'mode', 'private');
    const broken = await lab.verify(JSON.parse(JSON.stringify(configuration)));
    assert.deepEqual(faultsOf(broken), { ...faultsOf(proof), 'b:m0': 'nothing' });
    assert.match(proofOf(broken, 'b:m0').message ?? '', /mode is private where bridge was asked for/);
    assert.equal(await received(far.name, 'up0'), before);
    await lab.down();
  });

  it('what stands on links of the lab reaches as far as they do', async () => {
    const child = (letter: string, dev: string, more: object) =>
      on(letter, dev, { 'outer-dev': 'eth0', base: 'local', ...more });
    const configuration = {
      bridges: [{ bridge: 'lan', mode: 'linux' }],
      links: [
        ...['a', 'b', 'c'].map((letter) => on(letter, 'eth0', { bridge: 'lan', mtu: 3000 })),
        ...['a', 'b'].map((letter) => child(letter, 'm0', { type: 'macvlan', mode: 'bridge' })),
        child('a', 'm1', { type: 'macvlan', mode: 'private' }),
        ...['a', 'b'].map((letter) => child(letter, 'v5', { type: 'vlan', vlanid: 5 })),
        child('c', 'v6', { type: 'vlan', vlanid: 6 }),
      ],
    };
    await lab.up(configuration);
    const proof = await lab.verify(configuration);
    const vlans = told('vlan', { 'a:v5': 'ok', 'b:v5': 'ok', 'c:v6': 'not-proved' });
    assert.deepEqual(faultsOf(proof), vlans);
    assert.equal(proofOf(proof, 'a:m1').mtuBytes, 3000);
    await lab.down();
  });

  it('ipvlan is proved by the addresses of its siblings, in all modes and both families', async () => {
    const child = (letter: string, dev: string, more: object) => on(letter, dev, { type: 'ipvlan', ...more });
    const configuration = {
      links: [
        ...['a', 'b', 'c'].map((letter, n) =>
          child(letter, 'i0', { 'outer-dev': 'up1', mode: 'l2', ip: `10.5.0.${n + 1}/24` }),
        ),
        ...['a', 'b'].map((letter, n) =>
          child(letter, 'i1', { 'outer-dev': 'up2', mode: 'l3', ip: `fd00:5::${n + 1}/64` }),
        ),
        child('c', 'i1', { 'outer-dev': 'up2', mode: 'l3' }),
      ],
    };
    await lab.up(configuration);
    const proof = await lab.verify(configuration);
    const states = { 'a:i0': 'ok', 'b:i0': 'ok', 'c:i0': 'ok', 'a:i1': 'ok', 'b:i1': 'ok', 'c:i1': 'not-proved' };
    assert.deepEqual(faultsOf(proof), told('ipvlan', states), JSON.stringify(proof.links, null, 1));
    await lab.down();
  });

  it('where a bridge has a tunnel, nothing is flooded into it, and the links are proved all the same', async () => {
    await execa('ip', ['address', 'add', '10.77.0.1/24', 'dev', 'up0']);
    const configuration = {
      bridges: [
        { bridge: 'lan', mode: 'linux' },
        { bridge: 'wire', mode: 'patch' },
      ],
      tunnels: [
        { type: 'vxlan', bridge: 'lan', remote: '10.77.0.2', vni: 77 },
        { type: 'vxlan', bridge: 'wire', remote: '10.77.0.3', vni: 78 },
      ],
      links: [
        ...['a', 'b', 'c'].map((letter) => on(letter, 'eth0', { bridge: 'lan', mtu: 1400 })),
        on('d', 'eth0', { bridge: 'wire' }),
      ],
    };
    assert.deepEqual((await lab.up(configuration)).failures, []);
    for (const letter of ['a', 'b', 'c', 'd']) {
      await lab.node(letter).exec('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
    }
    const sent = async () => {
      const devices = await Promise.all(
        ['vxlan-77', 'vxlan-78'].map((dev) => lab.switches.exec('ip', '-s', '-json', 'link', 'show', 'dev', dev)),
      );
      return devices
        .map((text) => JSON.parse(text)[0].stats64.tx)
        .map(({ packets, errors, dropped }) => packets + errors + dropped);
    };
    const before = await sent();
    const proof = await lab.verify(configuration);
    assert.deepEqual(faultsOf(proof), { 'd:eth0': 'not-proved' });
    assert.deepEqual(
      proof.tunnels.map(({ tunnel }) => tunnel),
      ['vxlan-77', 'vxlan-78'],
    );
    assert.deepEqual(await sent(), before);
    await lab.switches.exec('ip', 'link', 'set', (await lab.status(configuration)).links[1]?.port?.dev ?? '', 'down');
    assert.deepEqual(faultsOf(await lab.verify(configuration)), { 'b:eth0': 'nothing', 'd:eth0': 'not-proved' });
    await lab.down();
  });

  it('ends that their node bridges are proved by their own sockets, and no frame goes in circles', async () => {
    const wire = (letter: string, dev: string, bridge: string) => on(letter, dev, { bridge, mtu: 1500 });
    const configuration = {
      bridges: [
        { bridge: 'one', mode: 'direct' },
        { bridge: 'two', mode: 'direct' },
        { bridge: 'lan', mode: 'linux' },
      ],
      links: [
        ...['a', 'b'].flatMap((letter) => [wire(letter, 'e1', 'one'), wire(letter, 'e2', 'two')]),
        ...['a', 'b', 'c'].map((letter) => wire(letter, 'lan0', 'lan')),
      ],
    };
    assert.deepEqual((await lab.up(configuration)).failures, []);
    // Of all that could go round in these circles for ever, only probes are left.
    const quiet = ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1'];
    for (const letter of ['a', 'b', 'c']) await lab.node(letter).exec('sysctl', '-qw', ...quiet);
    for (const letter of ['a', 'b']) {
      await lab.node(letter).exec('ip', 'link', 'add', 'name', 'br0', 'type', 'bridge', 'mcast_snooping', '0');
      for (const dev of ['e1', 'e2', 'lan0']) await lab.node(letter).exec('ip', 'link', 'set', dev, 'master', 'br0');
      await lab.node(letter).exec('ip', 'link', 'set', 'br0', 'up');
    }
    const proof = await lab.verify(configuration);
    assert.deepEqual(faultsOf(proof), {}, JSON.stringify(proof.links, null, 1));
    assert.ok(proof.probes.arrived < 4 * proof.probes.sent, JSON.stringify(proof.probes));
    await lab.down();
  });
});

describe('bridges of Open vSwitch', { timeout: 120_000, ...needs('root', 'program:ip', 'program:ovs-vsctl') }, () => {
  it('are proved, and a port in the wrong one is found', async () => {
    await using lab = ovsLab();
    const link = (letter: string, bridge: string) => ({ netns: lab.node(letter).name, dev: 'eth0', bridge, mtu: 1500 });
    const configuration = {
      bridges: ['s0', 's1'].map((bridge) => ({ bridge, mode: 'ovs', datapath: 'netdev' })),
      links: [link('a', 's0'), link('b', 's0'), link('c', 's1'), link('d', 's1'), link('e', 's1')],
    };
    await lab.up(configuration);
    assert.deepEqual(faultsOf(await lab.verify(configuration)), {});
    const port = (await lab.status(configuration)).links[1]?.port?.dev ?? '';
    await lab.vsctl('del-port', 's0', port, '--', 'add-port', 's1', port);
    const broken = await lab.verify(configuration);
    assert.deepEqual(
      faultsOf(broken),
      { 'a:eth0': 'nothing', 'b:eth0': 'miswired' },
      JSON.stringify(broken.links, null, 1),
    );
    assert.match(proofOf(broken, 'b:eth0').message ?? '', /is in bridge s1, not in s0/);
  });
});
