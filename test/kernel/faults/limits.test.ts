/** What the kernel lacks or refuses: the link fails by name with advice, its half is undone, the rest is made, and later all of it. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { BIN, linkloom, startLinkloom } from '../../support/bin.ts';
import { differences, identities } from '../../support/faults/exact.ts';
import { type Lab, labOf } from '../../support/faults/labs.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, uniqueName } from '../../support/netns.ts';

describe('limits of the kernel', { timeout: 150_000, ...needs('root', 'program:ip', 'program:prlimit') }, () => {
  const lab: Lab = labOf(uniqueName('l'), { nodes: 12, links: 48 });
  let folder: Folder | undefined;
  let file = '';
  before(() => {
    folder = temporaryFolder('limits');
    file = join(folder.path, 'lab.json');
    writeFileSync(file, JSON.stringify(lab));
  });
  const down = async () => assert.equal((await linkloom(['down', '--lab', lab.lab])).exitCode, 0);
  afterEach(down);
  after(() => folder?.[Symbol.dispose]());

  const up = async () => {
    const { exitCode, stdout, stderr } = await linkloom(['up', '-f', file, '--json']);
    return { exitCode, stderr, ...(stdout === '' ? {} : JSON.parse(stdout)) };
  };
  const isExact = async () => {
    const { exitCode, stderr } = await up();
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await differences(lab), []);
  };

  it('EMFILE: too few descriptors fail links by name and leave no half', async () => {
    const run = (limit: number) =>
      execa(
        'prlimit',
        [`--nofile=${limit}:${limit}`, process.execPath, BIN, 'up', '-f', file, '--json', '--no-preflight'],
        {
          reject: false,
        },
      );
    // Node.js itself needs some; one that starts and has too few for the lab is looked for.
    let refused = 0;
    for (const limit of [28, 32, 36, 40]) {
      const { exitCode, stderr } = await run(limit);
      if (!/EMFILE|too many open files/i.test(stderr)) continue;
      refused += 1;
      assert.notEqual(exitCode, 0);
    }
    assert.ok(refused > 0, 'no limit was too low');
    await isExact();
  });

  it('EMFILE: too few descriptors for a proof are said, and no link is called faulty for it', async () => {
    await isExact();
    const refused: string[] = [];
    for (const limit of [28, 32, 36, 40, 44, 48, 52]) {
      const words = [`--nofile=${limit}:${limit}`, process.execPath, BIN, 'verify', '-f', file];
      const { stdout, stderr } = await execa('prlimit', words, { reject: false });
      assert.doesNotMatch(stdout, /nothing arrives/);
      if (/could not send probes: [^\n]*EMFILE/.test(stderr)) refused.push(stderr);
    }
    assert.match(refused.join(''), /raise `ulimit -n`/);
  });

  it('EMFILE: a capture with too few descriptors for all its nodes is refused, and not one of some of them', async () => {
    await isExact();
    const written = join(folder?.path ?? '', 'all.pcapng');
    const refused: string[] = [];
    for (const limit of [28, 32, 36, 40, 44]) {
      const capture = [BIN, 'capture', '-f', file, '*', '-w', written];
      const words = [`--nofile=${limit}:${limit}`, process.execPath, ...capture];
      // One that had enough would go on until it is told to end.
      const { exitCode, stderr } = await execa('prlimit', words, {
        reject: false,
        timeout: 5_000,
        killSignal: 'SIGINT',
      });
      if (!/EMFILE/.test(stderr)) continue;
      refused.push(stderr);
      assert.equal(exitCode, 1, stderr);
      assert.doesNotMatch(stderr, /ERROR: :/);
      assert.equal(existsSync(written), false);
    }
    assert.match(refused.join(''), /raise `ulimit -n`/);
  });

  it('ENOSPC: no more namespaces is said with its remedy, and what could be made is whole', async () => {
    // Preflight would refuse before anything is made. A user namespace of its own, whose limit its root may set. All that is made in it goes with it.
    const script = `mount -t tmpfs none /run/netns && echo 8 > /proc/sys/user/max_net_namespaces || exit 77
"$1" "$2" up -f "$3" --json --no-preflight; s=$?; echo 64 > /proc/sys/user/max_net_namespaces; "$1" "$2" up -f "$3" --json; echo "$s $?"`;
    const words = [
      '--user',
      '--map-root-user',
      '--net',
      '--mount',
      'sh',
      '-c',
      script,
      'sh',
      process.execPath,
      BIN,
      file,
    ];
    const { stdout, stderr } = await execa('unshare', words, { reject: false });
    assert.match(stderr, /unshare[^\n]*ENOSPC[\s\S]*user\.max_net_namespaces/);
    const [first = '', second = '', statuses] = stdout.trim().split('\n');
    assert.equal(statuses, '1 0', stderr);
    assert.ok(JSON.parse(first).links.failed > 0);
    const { links } = JSON.parse(second);
    assert.equal(links.created + links.unchanged + links.changed, lab.links.length);
  });

  it('a namespace that vanishes between plan and apply fails its own links alone, and up mends it', async () => {
    await isExact();
    writeFileSync(file, JSON.stringify({ ...lab, links: lab.links.map((link) => ({ ...link, mtu: 1350 })) }));
    const running = startLinkloom(['up', '-f', file]);
    await running.until(/Plan made/);
    await execa('ip', ['netns', 'del', `${lab.lab}n0`]);
    await running.child;
    await running[Symbol.asyncDispose]();
    writeFileSync(file, JSON.stringify(lab));
    await isExact();
  });

  it('a foreign device with the name of a link fails that link alone; with that of a bridge, everything, untouched', async () => {
    const node = `${lab.lab}n3`;
    await execa('ip', ['netns', 'add', node]);
    try {
      await execa('ip', ['-n', node, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'other0']);
      const ran = await up();
      assert.equal(ran.exitCode, 1);
      assert.deepEqual(
        ran.failures.map(({ link, code }: { link: string; code: string }) => [link, code]),
        [[`${node}:eth0`, 'E_FOREIGN_DEVICE']],
      );
      assert.equal(ran.links.created, lab.links.length - 1);
      await execa('ip', ['-n', node, 'link', 'del', 'eth0']);
      await isExact();
      const shard = `linkloom-${lab.lab}`;
      await execa('ip', ['-n', shard, 'link', 'del', 'b0']);
      await execa('ip', ['-n', shard, 'link', 'add', 'b0', 'type', 'veth', 'peer', 'name', 'b0x']);
      const before = await identities(shard);
      for (const verb of ['up', 'daemon']) {
        const refused = await linkloom([verb, '-f', file]);
        assert.equal(refused.exitCode, 1, refused.stderr);
        assert.match(refused.stderr, /Bridge b0 already exists/);
        assert.deepEqual(await identities(shard), before, `${verb} touched nothing`);
      }
      await execa('ip', ['-n', shard, 'link', 'del', 'b0']);
      await isExact();
    } finally {
      await down();
      await execa('ip', ['netns', 'del', node], { reject: false });
    }
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes(lab.lab)),
      [],
    );
  });
});
