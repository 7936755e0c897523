/** Links of the host itself: devices in a namespace that was there before linkloom and stays after it. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { groupOf, ROLE } from '../../../src/net/mark.ts';
import { subjectText } from '../../../src/subject.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { foreign, hostLink, ip, strangers } from '../../support/host/strangers.ts';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

const onlyRoot = { timeout: 170_000, ...needs('root', 'program:ip') };

const reaches = async (address: string): Promise<boolean> =>
  (await execa('ping', ['-c', '1', '-W', '3', address], { reject: false })).exitCode === 0;

/** A wire and a port of a LAN between the host and one namespace. */
function labOf(node: string): object {
  return {
    bridges: [
      { bridge: 'wire', mode: 'direct' },
      { bridge: 'lan', mode: 'linux' },
    ],
    links: [
      { host: true, dev: 'llh0', bridge: 'wire', ip: '10.71.0.1/24', route: '10.72.0.0/16 via 10.71.0.2' },
      { netns: node, dev: 'eth0', bridge: 'wire', ip: '10.71.0.2/24' },
      { host: true, dev: 'llh1', bridge: 'lan', ip: ['10.73.0.1/24', 'fd00:73::1/64'], mtu: 1400 },
      { netns: node, dev: 'eth1', bridge: 'lan', ip: '10.73.0.2/24', mtu: 1400 },
    ],
  };
}

const isOurs = (dev: string): boolean => dev.startsWith('llh');

async function failuresOf(lab: TestLab, configuration: object): Promise<readonly string[]> {
  const { failures } = await lab.up(configuration);
  return failures.map(({ subject, code, message }) => `${subjectText(subject)} ${code} ${message}`);
}

describe('the host as a node', onlyRoot, () => {
  it('has its links, with addresses and routes, beside what others have there; all of it goes by marks', async () => {
    await using _ = await strangers();
    const before = await foreign();
    await using lab = testLab('netns', 'h');
    const wanted = labOf(lab.node('a').name);
    const ran = await lab.up(wanted);
    assert.deepEqual([ran.failures, ran.links.created], [[], 4]);
    assert.equal((await hostLink('llh0'))?.ifalias, `linkloom/1 ${lab.name} host llh0`);
    assert.ok((await reaches('10.71.0.2')) && (await reaches('10.73.0.2')));
    assert.match(await ip('route'), /^10\.72\.0\.0\/16 via 10\.71\.0\.2 dev llh0 /m);
    assert.equal(await foreign(isOurs), before);
    const report = await lab.status(wanted);
    assert.deepEqual(report.links.map(({ link, ns, drift }) => [link, ns, drift]).slice(0, 2), [
      ['host:llh0', 'self', []],
      [`${lab.node('a').name}:eth0`, `netns/${lab.node('a').name}`, []],
    ]);
    assert.equal((await lab.up(wanted)).links.unchanged, 4);
    assert.deepEqual((await lab.down()).failures, []);
    assert.equal(await foreign(), before);
  });

  it('a link that is taken out of the file goes, also the last one there', async () => {
    const before = await foreign();
    await using lab = testLab('netns', 'h');
    const node = lab.node('a').name;
    await lab.up(labOf(node));
    const ran = await lab.up({ links: [{ netns: node, dev: 'eth1', bridge: 'lan', ip: '10.73.0.2/24', mtu: 1400 }] });
    assert.deepEqual(ran.failures, []);
    assert.equal(await foreign(), before);
    assert.ok(await openNetns(node).link('eth1'));
  });

  it('a name that is there and not ours fails that link, and nothing of it is touched', async () => {
    await using others = await strangers();
    const before = await foreign();
    await using lab = testLab('netns', 'h');
    const links = [
      { host: true, dev: others.dev, bridge: 'wire', ip: '10.71.0.1/24', mtu: 1300 },
      { netns: lab.node('a').name, dev: 'eth0', bridge: 'wire' },
    ];
    for (const mode of ['direct', 'linux']) {
      const found = await failuresOf(lab, { bridges: [{ bridge: 'wire', mode }], links });
      assert.deepEqual(found, [
        `host:${others.dev} E_FOREIGN_DEVICE the host already has a device ${others.dev} that this lab did not make`,
      ]);
      assert.equal(await foreign(), before);
    }
  });

  it('a device of our number without a mark, or with another lab’s, stays', async () => {
    await using lab = testLab('netns', 'h');
    const group = String(groupOf(lab.name, ROLE.nodeEnd));
    const [dev, other] = [uniqueName('x'), uniqueName('y')];
    await ip('link', 'add', dev, 'group', group, 'type', 'veth', 'peer', 'name', other, 'group', group);
    try {
      await ip('link', 'set', dev, 'alias', `linkloom/1 ${lab.name}x host ${dev}`);
      await ip('link', 'set', other, 'alias', `linkloom/1 ${lab.name}x host ${other}`);
      const before = await foreign();
      await lab.up(labOf(lab.node('a').name));
      assert.equal(await foreign(isOurs), before);
      await lab.down();
      assert.equal(await foreign(), before);
    } finally {
      await ip('link', 'del', dev);
    }
  });

  it('wires take host:DEV; commands run there', async () => {
    using folder = temporaryFolder('host');
    const lab = uniqueName('h');
    const file = join(folder.path, 'lab.json');
    const said = join(folder.path, 'said');
    await writeFile(
      file,
      JSON.stringify({
        lab,
        nodes: { r1: {} },
        wires: [{ ends: ['host:llh0', 'r1:eth0'], ip: ['10.71.0.1/24', '10.71.0.2/24'] }],
        commands: [{ host: true, command: `ip -o link show llh0 > ${said}` }],
      }),
    );
    try {
      const up = await linkloom(['up', '-f', file]);
      assert.equal(up.exitCode, 0, up.stderr);
      assert.ok(await reaches('10.71.0.2'));
      assert.match((await execa('cat', [said])).stdout, /llh0/);
    } finally {
      assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
    }
    assert.equal(await hostLink('llh0'), undefined);
  });

  it('the daemon puts back what is changed; killed, the next run takes its links over', async () => {
    using folder = temporaryFolder('host');
    const lab = uniqueName('h');
    const node = `${lab}a`;
    const file = join(folder.path, 'lab.json');
    await writeFile(file, JSON.stringify({ lab, ...labOf(node) }));
    const before = await foreign();
    try {
      await using daemon = startLinkloom(['daemon', '-f', file]);
      await daemon.until(/^All links connected$/m);
      await ip('address', 'del', '10.71.0.1/24', 'dev', 'llh0');
      await daemon.until(/drift: host:llh0 .*put back/);
      await ip('link', 'set', 'llh1', 'mtu', '1300');
      await daemon.until(/drift: host:llh1 mtu 1300 → 1400, put back/);
      await ip('link', 'del', 'llh1');
      await daemon.until(/drift: host:llh1 missing, put back/);
      assert.equal(await foreign(isOurs), before);
      daemon.child.kill('SIGKILL');
      await daemon.child;
      const again = await linkloom(['up', '-f', file, '--json']);
      assert.equal(JSON.parse(again.stdout).links.unchanged, 4, again.stderr);
    } finally {
      assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
    }
    assert.equal(await foreign(), before);
  });
});
