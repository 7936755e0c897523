/** Bridges of mode `ovs` in the kernel's datapath, where the kernel has it: else this is skipped, and `absent.test.ts` sees it refused. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { execa } from 'execa';
import { needs } from '../../support/needs.ts';
import { kernelDatapath, ovsLab, pings } from '../../support/ovs.ts';
import { testDatapath } from '../../support/ovs-datapath.ts';

const NEEDS = needs('root', 'program:ip', 'program:ovs-vsctl', 'program:ovs-vswitchd', 'program:ping');
const kernel = NEEDS.skip === undefined ? await kernelDatapath() : { available: false, undo: async () => {} };
const skip = kernel.available ? NEEDS : { skip: 'this kernel has no openvswitch' };

after(() => kernel.undo());

describe('Open vSwitch, datapath system', skip, () => {
  testDatapath('system', 'all');

  it('is what mode auto means where the kernel has it', async () => {
    await using lab = ovsLab();
    await lab.up({ links: [{ netns: `${lab.name}a`, dev: 'eth0', bridge: 's1' }] });
    assert.equal((await lab.switches.link('s1'))?.linkinfo?.info_kind, 'openvswitch');
  });

  it('leaves queueing disciplines of its ports to those who set them', async () => {
    await using lab = ovsLab();
    const link = (letter: string, ip: string) => ({ netns: `${lab.name}${letter}`, dev: 'eth0', bridge: 's1', ip });
    const links = [link('a', '10.0.0.1/24'), link('b', '10.0.0.2/24')];
    const bridges = [{ bridge: 's1', mode: 'ovs' }];
    await lab.up({ bridges, links });
    const port = (await lab.vsctl('list-ports', 's1')).split('\n')[0] ?? '';
    await lab.switches.exec('tc', 'qdisc', 'add', 'dev', port, 'root', 'netem', 'delay', '1ms');
    await lab.up({ bridges, links: [...links, link('c', '10.0.0.3/24')] });
    const { stdout } = await execa('tc', ['-n', lab.switches.name, 'qdisc', 'show', 'dev', port]);
    assert.match(stdout, /netem/);
    assert.ok(await pings(lab.node('a'), '10.0.0.3'));
  });
});
