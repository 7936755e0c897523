/** Open vSwitch that is asked for and can't be had: refused before anything is touched, as a user sees it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { execa } from 'execa';
import { BIN, linkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { kernelDatapath, ovsLab } from '../../support/ovs.ts';

const NEEDS = needs('root', 'program:ip', 'program:ovs-vswitchd', 'program:unshare');

/** `up` in a mount namespace in which `over` lies over `path`. */
async function upWithout(path: string, over: string, configuration: object) {
  const script = `mount --bind ${over} ${path} && exec "$@"`;
  const words = ['--mount', 'sh', '-c', script, 'sh', process.execPath, BIN, 'up', '-f', '-'];
  return await execa('unshare', words, { input: JSON.stringify(configuration), reject: false });
}

describe('Open vSwitch that is not there', NEEDS, () => {
  let kernel = { available: false, undo: async () => {} };
  before(async () => {
    kernel = await kernelDatapath();
    await kernel.undo();
  });

  const configuration = (lab: string, bridge: object) => ({
    lab,
    bridges: [{ bridge: 's1', ...bridge }],
    links: [{ netns: `${lab}a`, dev: 'eth0', bridge: 's1' }],
  });

  it('no kernel datapath', async (t) => {
    if (kernel.available) return t.skip('this kernel has openvswitch');
    await using lab = ovsLab();
    const input = JSON.stringify(configuration(lab.name, { mode: 'ovs' }));
    const ran = await linkloom(['up', '-f', '-'], { input });
    assert.equal(ran.exitCode, 3, ran.stderr);
    assert.match(ran.stderr, /bridge s1 mode is 'ovs', but no 'openvswitch' kernel module loaded/);
    assert.match(ran.stderr, /modprobe openvswitch.*datapath: netdev.*mode linux/);
    await lab.assertGone();
  });

  it('no programs', async () => {
    await using lab = ovsLab();
    const wanted = configuration(lab.name, { mode: 'ovs', datapath: 'netdev' });
    const ran = await upWithout('/usr/sbin/ovs-vswitchd', '/dev/null', wanted);
    assert.equal(ran.exitCode, 3, ran.stderr);
    assert.match(ran.stderr, /bridge s1 mode is 'ovs', but ovs-vswitchd not found/);
    assert.match(ran.stderr, /apt-get install openvswitch-switch/);
    await lab.assertGone();
  });

  it('no /dev/net/tun for the datapath in user space', async () => {
    await using lab = ovsLab();
    const wanted = configuration(lab.name, { mode: 'ovs', datapath: 'netdev' });
    const ran = await upWithout('/dev/net', '/usr/share/openvswitch', wanted);
    assert.equal(ran.exitCode, 3, ran.stderr);
    assert.match(ran.stderr, /datapath netdev, which needs \/dev\/net\/tun/);
    await lab.assertGone();
  });

  it('a daemon that does not start: its links fail whole, the others are made', async () => {
    await using lab = ovsLab();
    using folder = temporaryFolder('ovs');
    writeFileSync(join(folder.path, 'ovs-vswitchd'), '#!/bin/sh\necho "it is broken" >&2\nexit 1\n', { mode: 0o755 });
    const wanted = configuration(lab.name, { datapath: 'netdev' });
    const plain = { netns: `${lab.name}a`, dev: 'eth1', bridge: 'plain' };
    const both = { ...wanted, links: [...wanted.links, plain] };
    const env = { PATH: `${folder.path}:${process.env['PATH'] ?? ''}` };
    const ran = await linkloom(['up', '-f', '-'], { input: JSON.stringify(both), env });
    assert.equal(ran.exitCode, 1, ran.stderr);
    assert.match(ran.stderr, /Open vSwitch: ovs-vswitchd: exec in .*exit status 1; it is broken/);
    assert.match(ran.stderr, new RegExp(`${lab.name}a:eth0: .*it is broken`));
    assert.equal(await lab.node('a').link('eth0'), undefined);
    assert.ok(await lab.node('a').link('eth1'));
    await lab.up(both);
    await lab.down();
    await lab.assertGone();
  });

  it('mode auto is a Linux bridge then, with a warning where it was written', async () => {
    // ovs-vswitchd looks for the kernel's datapath whatever it is to use, and so loads the module.
    await kernel.undo();
    await using lab = ovsLab();
    const auto = configuration(lab.name, { mode: 'auto' });
    const ran = await linkloom(['up', '-f', '-'], { input: JSON.stringify(auto) });
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.match(ran.stderr, /bridge s1 mode is 'auto', but no 'openvswitch' kernel module loaded, so falling back/);
    assert.equal((await lab.switches.link('s1'))?.linkinfo?.info_kind, 'bridge');
    const silent = await linkloom(['plan', '-f', '-'], { input: JSON.stringify(configuration(lab.name, {})) });
    assert.doesNotMatch(silent.stderr, /openvswitch/);
  });
});
