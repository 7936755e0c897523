/** Bridges of the host's own Open vSwitch, which others run: only ports of the lab come and go, and only rows with its mark. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { subjectText } from '../../../src/subject.ts';
import { type HostOvs, hostOvs, settled } from '../../support/host/bridges.ts';
import { isPort, linksOf, testJoined } from '../../support/host/joined.ts';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { type Datapath, kernelDatapath } from '../../support/ovs.ts';

const NEEDS = needs('root', 'program:ip', 'program:ovs-vsctl', 'program:ovs-vswitchd');
const kernel = NEEDS.skip === undefined ? await kernelDatapath() : { available: false, undo: async () => {} };

after(() => kernel.undo());

/** Starts it before the tests of a suite, and names its folder as its owner's shell would. */
function theHosts(datapath: Datapath): { readonly ovs: HostOvs } {
  let ovs: HostOvs | null = null;
  before(async () => {
    ovs = await hostOvs(datapath);
    process.env['OVS_RUNDIR'] = ovs.directory;
  });
  after(async () => {
    delete process.env['OVS_RUNDIR'];
    await ovs?.[Symbol.asyncDispose]();
  });
  return {
    get ovs() {
      if (ovs === null) throw new Error('not started');
      return ovs;
    },
  };
}

async function failuresOf(lab: TestLab, configuration: object): Promise<readonly string[]> {
  const { failures } = await lab.up(configuration);
  return failures.map(({ subject, code, message }) => `${subjectText(subject)} ${code} ${message}`);
}

describe('an external bridge of the host’s Open vSwitch, datapath netdev', { timeout: 900_000, ...NEEDS }, () => {
  const hosts = theHosts('netdev');
  testJoined(() => hosts.ovs.bridge());
});

const ofKernel = kernel.available ? NEEDS : { skip: 'this kernel has no openvswitch' };
describe('an external bridge of the host’s Open vSwitch, datapath system', { timeout: 900_000, ...ofKernel }, () => {
  const hosts = theHosts('system');
  testJoined(() => hosts.ovs.bridge());
});

describe('rows of the host’s Open vSwitch', { timeout: 900_000, ...NEEDS }, () => {
  const hosts = theHosts('netdev');
  afterEach(async () => {
    for (const bridge of (await hosts.ovs.vsctl('list-br')).split('\n').filter(Boolean))
      await hosts.ovs.vsctl('del-br', bridge);
  });

  it('carry the lab’s mark, without which they are marked again, and go by it, also those of a device that is gone', async () => {
    await using there = await hosts.ovs.bridge();
    await using lab = testLab('netns', 'e');
    const wanted = linksOf(there.bridge, [lab.node('a').name]);
    await lab.up(wanted);
    const port = (await there.ports()).find(isPort) ?? '';
    const marks = (): Promise<string> => hosts.ovs.vsctl('get', 'port', port, 'external_ids');
    const ours = `{linkloom-dev=eth1, linkloom-lab=${lab.name}, linkloom-node=${lab.node('a').name}}`;
    assert.equal(await marks(), ours);
    await hosts.ovs.vsctl('clear', 'port', port, 'external_ids', '--', 'set', 'port', port, 'external_ids:note=theirs');
    assert.equal((await lab.up(wanted)).links.changed, 1);
    assert.equal(await marks(), ours.replace('}', ', note=theirs}'));
    await lab.node('a').exec('ip', 'link', 'del', 'eth1');
    await lab.up({ links: [{ netns: lab.node('a').name, dev: 'eth2', bridge: 'own' }] });
    assert.deepEqual(await there.ports(), [there.port], 'not in the file any more');
  });

  it('of others that have the name of a port of ours stay, and fail that link', async () => {
    await using there = await hosts.ovs.bridge();
    await using lab = testLab('netns', 'e');
    const wanted = linksOf(there.bridge, [lab.node('a').name]);
    await lab.up(wanted);
    const port = (await there.ports()).find(isPort) ?? '';
    await lab.down();
    await hosts.ovs.vsctl('add-br', 'theirs', '--', 'set', 'bridge', 'theirs', 'datapath_type=netdev');
    await hosts.ovs.vsctl('--no-wait', 'add-port', 'theirs', port);
    assert.deepEqual(await failuresOf(lab, wanted), [
      `${lab.node('a').name}:eth1 E_FOREIGN_DEVICE the host’s Open vSwitch has a port ${port} that is not this link’s; linkloom leaves it as it is`,
    ]);
    await lab.down();
    assert.equal(await hosts.ovs.vsctl('list-ports', 'theirs'), port);
  });

  it('go also where ovs-vswitchd does not run; meanwhile the links of its bridges fail, and no others', async () => {
    await using there = await hosts.ovs.bridge();
    await using lab = testLab('netns', 'e');
    const node = lab.node('a').name;
    const wanted = linksOf(there.bridge, [node]);
    await lab.up(wanted);
    await hosts.ovs.kill('ovs-vswitchd');
    const more = { ...wanted, links: [...wanted.links, { netns: node, dev: 'eth2', bridge: 'own' }] };
    assert.deepEqual(await failuresOf(lab, more), [
      `${node}:eth1 E_TOOL external bridge ${there.bridge}: the ovs-vswitchd of the host’s Open vSwitch (${hosts.ovs.directory}) does not run`,
    ]);
    assert.ok(await lab.node('a').link('eth2'));
    assert.ok((await there.ports()).some(isPort));
    assert.deepEqual((await lab.down()).failures, []);
    assert.deepEqual(await there.ports(), [there.port]);
    await hosts.ovs.start('ovs-vswitchd');
  });

  it('are out of reach without a server, which down says', async () => {
    await using there = await hosts.ovs.bridge();
    await using lab = testLab('netns', 'e');
    await lab.up(linksOf(there.bridge, [lab.node('a').name]));
    const port = (await there.ports()).find(isPort) ?? '';
    await hosts.ovs.kill('ovsdb-server');
    const { failures } = await lab.down();
    assert.deepEqual(
      failures.map(({ code, message }) => `${code} ${message}`),
      [
        `E_TOOL ${hosts.ovs.directory}/db.sock does not answer: the host’s Open vSwitch may still have the port ${port}`,
      ],
    );
    rmSync(`${hosts.ovs.directory}/db.sock`, { force: true });
    await hosts.ovs.start('ovsdb-server');
    assert.deepEqual((await lab.down()).failures, []);
    assert.deepEqual(await there.ports(), [there.port]);
  });

  it('belong to bridges in the host’s namespace; where its server answers and has no such bridge, that is said', async () => {
    await using there = await hosts.ovs.bridge();
    const before = await settled(there);
    await using lab = testLab('netns', 'e');
    const { failures } = await lab.up(linksOf(there.port, [lab.node('a').name]));
    assert.deepEqual(
      failures.map(({ code, hint }) => `${code} ${hint}`),
      ['E_FOREIGN_DEVICE name a bridge of Linux, or one that the host’s Open vSwitch has'],
    );
    assert.equal(await there.untouched(), before);
  });
});
