/** A group number proves nothing: two labs can have the same, and whoever is in a node can give it, and marks, to any device there. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { execa } from 'execa';
import { aliasOf, groupOf, ROLE } from '../../../src/net/mark.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { NAMESAKES } from '../../support/faults/namesakes.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, openNetns, uniqueName } from '../../support/netns.ts';

const [A, B] = NAMESAKES;

describe('labs of one number', { timeout: 170_000, ...needs('root', 'program:ip') }, () => {
  const node = uniqueName('n');
  const other = `${node}o`;
  let folder: Folder | undefined;
  /** Writes a lab's file; every lab has the node `node`, and a device of its own there. */
  const fileOf = (lab: string, links: readonly object[], bridges: readonly object[] = []): string => {
    const path = join(folder?.path ?? '', `${lab}.json`);
    writeFileSync(path, JSON.stringify({ lab, bridges, links }));
    return path;
  };
  const links = (lab: string, dev: string) => [
    { netns: node, bridge: `b${dev}`, dev, ip: `10.${dev.slice(3)}.0.1/24` },
    { netns: `${node}${lab}`, bridge: `b${dev}`, dev, ip: `10.${dev.slice(3)}.0.2/24` },
  ];
  const devices = async (name: string) =>
    (await openNetns(name).links()).map(({ ifname, ifindex, ifalias, group }) => ({ ifname, ifindex, ifalias, group }));
  const must = async (...args: readonly string[]) => {
    const ran = await linkloom(args);
    assert.equal(ran.exitCode, 0, `${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  };
  const ip = (...args: readonly string[]) => execa('ip', args);
  const downAll = async () => {
    for (const lab of NAMESAKES) await linkloom(['down', '--lab', lab]);
    for (const name of [node, other]) await execa('ip', ['netns', 'del', name], { reject: false });
  };

  before(() => {
    folder = temporaryFolder('namesakes');
  });
  beforeEach(downAll);
  after(async () => {
    await downAll();
    folder?.[Symbol.dispose]();
  });

  it('have one number', () => {
    assert.equal(groupOf(A, ROLE.port), groupOf(B, ROLE.port));
  });

  it('live side by side in one node: up, prune, status and down of one leave the other', async () => {
    await ip('netns', 'add', node);
    const a = fileOf(A, links(A, 'eth1'));
    const b = fileOf(B, links(B, 'eth2'));
    await must('up', '-f', a);
    await must('up', '-f', b);
    const whole = await devices(node);
    assert.deepEqual(whole.map(({ ifname }) => ifname).sort(), ['eth1', 'eth2', 'lo']);
    for (const file of [a, b, a]) {
      const { links: counts } = JSON.parse(await must('up', '-f', file, '--json'));
      assert.deepEqual([counts.unchanged, counts.removed, counts.changed, counts.created], [2, 0, 0, 0], file);
    }
    assert.deepEqual(await devices(node), whole);
    const { links: shown } = JSON.parse(await must('status', '--lab', A, '--json'));
    assert.deepEqual(
      shown.map(({ link }: { link: string }) => link).sort(),
      [`${node}:eth1`, `${node}${A}:eth1`].sort(),
    );
    fileOf(A, links(A, 'eth1').slice(1));
    await must('up', '-f', a);
    assert.deepEqual(
      (await devices(node)).map(({ ifname }) => ifname),
      ['lo', 'eth2'],
    );
    await must('down', '--lab', A);
    assert.deepEqual(
      (await devices(node)).map(({ ifname }) => ifname),
      ['lo', 'eth2'],
    );
    await openNetns(node).exec('ping', '-c1', '-W2', '10.2.0.2');
  });

  it('where one wants the device that the other has, the link fails and nothing is touched', async () => {
    await ip('netns', 'add', node);
    for (const [mode, second] of [
      ['linux', 'direct'],
      ['direct', 'linux'],
    ]) {
      await must('up', '-f', fileOf(A, links(A, 'eth1'), [{ bridge: 'beth1', mode }]));
      const there = await devices(node);
      const file = fileOf(B, links(B, 'eth1'), [{ bridge: 'beth1', mode: second }]);
      const ran = await linkloom(['up', '--json', '-f', file]);
      assert.equal(ran.exitCode, 1, mode);
      assert.match(ran.stdout, /E_FOREIGN_DEVICE/, mode);
      assert.deepEqual(await devices(node), there, mode);
      await must('down', '--lab', B);
      assert.deepEqual(await devices(node), there, `${mode}: down`);
      await must('down', '--lab', A);
    }
  });

  it('share the namespace that linkloom runs in, ports and bridges and all', async () => {
    await ip('netns', 'add', node);
    const a = fileOf(A, links(A, 'eth1'));
    const b = fileOf(B, links(B, 'eth2'));
    await must('up', '--switch', 'own', '-f', a);
    await must('up', '--switch', 'own', '-f', b);
    await must('up', '--switch', 'own', '-f', a);
    const own = async () =>
      JSON.parse((await execa('ip', ['-json', 'link'])).stdout).map(({ ifname }: { ifname: string }) => ifname);
    const both = await own();
    assert.ok(both.includes('beth1') && both.includes('beth2'), both.join());
    await must('down', '--lab', A);
    const left = await own();
    assert.ok(!left.includes('beth1') && left.includes('beth2'), left.join());
    await openNetns(node).exec('ping', '-c1', '-W2', '10.2.0.2');
    await must('down', '--lab', B);
    assert.ok(!(await own()).includes('beth2'));
  });

  it('have daemons beside each other', async () => {
    await ip('netns', 'add', node);
    await using first = startLinkloom(['daemon', '-f', fileOf(A, links(A, 'eth1'))]);
    await first.until(/All links connected/);
    await using second = startLinkloom(['daemon', '-f', fileOf(B, links(B, 'eth2'))]);
    await second.until(/All links connected/);
    await ip('-n', node, 'link', 'del', 'eth1');
    await first.until(/drift: .*eth1/);
    assert.doesNotMatch(second.output(), /drift/);
    first.child.kill('SIGTERM');
    await first.child;
    assert.deepEqual(
      (await devices(node)).map(({ ifname }) => ifname),
      ['lo', 'eth2'],
    );
  });

  it('marks that a node forges take nothing away that linkloom did not make', async () => {
    await ip('netns', 'add', node);
    await ip('netns', 'add', other);
    const file = fileOf(A, links(A, 'eth1'));
    await must('up', '-f', file);
    const inside = (...args: readonly string[]) => ip('-n', node, ...args);
    const group = (role: 0 | 1 | 2 | 3) => String(groupOf(A, role));
    // A namespace that was there before says that the lab made it.
    await inside('link', 'set', 'lo', 'alias', aliasOf(A, node, 'lo'));
    // Devices that were there before get the number, and a mark where another end would have to bear it out.
    await inside('link', 'add', 'mine0', 'type', 'veth', 'peer', 'name', 'far0', 'netns', other);
    await inside('link', 'set', 'mine0', 'group', group(ROLE.nodeEnd), 'alias', aliasOf(A, node, 'eth1'));
    await inside('link', 'add', 'mine1', 'type', 'veth', 'peer', 'name', 'far1', 'netns', other);
    await inside('link', 'set', 'mine1', 'group', group(ROLE.port), 'alias', aliasOf(A, node, 'eth9'));
    await inside('link', 'add', 'mine2', 'type', 'bridge');
    await inside('link', 'set', 'mine2', 'group', group(ROLE.bridge));
    await inside('link', 'add', 'mine3', 'type', 'veth', 'peer', 'name', 'mine4');
    await inside('link', 'set', 'mine3', 'group', group(ROLE.nodeEnd));
    await inside('link', 'set', 'mine4', 'group', group(ROLE.port));
    // The lab's own namespace says that it is another lab's.
    await ip('-n', `${node}${A}`, 'link', 'set', 'lo', 'alias', aliasOf(B, `${node}${A}`, 'lo'));
    const names = async () => (await devices(node)).map(({ ifname }) => ifname).sort();
    const all = await names();
    const { links: counts } = JSON.parse(await must('up', '-f', file, '--json'));
    assert.equal(counts.removed, 0);
    assert.deepEqual(await names(), all);
    await must('down', '--lab', B);
    assert.ok((await netnsNames()).includes(`${node}${A}`), 'another lab’s mark gives it to nobody');
    await must('down', '--lab', A);
    assert.ok((await netnsNames()).includes(node), 'it was there before');
    assert.ok(!(await netnsNames()).includes(`${node}${A}`), 'the lab’s own is found all the same');
    assert.deepEqual(
      await names(),
      all.filter((name) => name !== 'eth1'),
    );
  });

  it('a device of the number in the way of a link is not touched, whatever it is', async () => {
    await ip('netns', 'add', node);
    await ip('netns', 'add', other);
    const file = fileOf(A, links(A, 'eth1'));
    for (const alias of ['', aliasOf(A, node, 'eth1')]) {
      await ip('-n', node, 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'far', 'netns', other);
      await ip('-n', node, 'link', 'set', 'eth1', 'group', String(groupOf(A, ROLE.nodeEnd)), 'alias', alias);
      const there = await devices(node);
      const ran = await linkloom(['up', '--json', '-f', file]);
      assert.equal(ran.exitCode, 1, ran.stderr);
      assert.match(ran.stdout, /E_FOREIGN_DEVICE/);
      assert.deepEqual(await devices(node), there);
      await must('down', '--lab', A);
      assert.deepEqual(await devices(node), there);
      await ip('-n', node, 'link', 'del', 'eth1');
    }
  });

  it('a switch namespace that the lab did not make is refused before anything is touched', async () => {
    await ip('netns', 'add', `linkloom-${A}`);
    try {
      const ran = await linkloom(['up', '-f', fileOf(A, links(A, 'eth1'))]);
      assert.equal(ran.exitCode, 1);
      assert.match(ran.stderr, new RegExp(`the namespace linkloom-${A} is there`));
      assert.ok(!(await netnsNames()).includes(node));
      await must('down', '--lab', A);
      assert.ok((await netnsNames()).includes(`linkloom-${A}`));
    } finally {
      await ip('netns', 'del', `linkloom-${A}`);
    }
  });
});
