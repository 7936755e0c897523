/** A whole lab out of one file: `up` makes its containers and links them, `down` takes away what is linkloom's, and nothing else. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, type Ran } from '../../support/bin.ts';
import { ENGINES, type Engine } from '../../support/engine/both.ts';
import { BUSYBOX } from '../../support/engine/busybox.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames } from '../../support/netns.ts';

const LAB = 'whole';

interface File {
  readonly nodes: Readonly<Record<string, object>>;
  readonly wires?: readonly unknown[];
  readonly links?: readonly object[];
}

for (const { name, start, wants } of ENGINES) {
  describe(`a lab of nodes on ${name}`, { timeout: 400_000, ...needs(...wants) }, () => {
    let engine: Engine;
    let folder: Folder;
    let sockets: readonly string[];

    before(async () => {
      folder = temporaryFolder('lab');
      engine = await start();
      const [docker, podman] =
        engine.kind === 'docker' ? [engine.socketPath, '/nowhere'] : ['/nowhere', engine.socketPath];
      sockets = ['--docker-socket', docker, '--podman-socket', podman];
    });
    after(async () => {
      await linkloom(['down', '--lab', LAB, ...(sockets ?? [])]);
      await engine?.[Symbol.asyncDispose]();
      folder?.[Symbol.dispose]();
    });

    const run = (...words: readonly string[]): Promise<Ran> => linkloom([...words, ...sockets], { timeoutMs: 120_000 });
    async function up(file: File, ...words: readonly string[]): Promise<Ran> {
      const path = join(folder.path, 'lab.json');
      writeFileSync(path, JSON.stringify({ lab: LAB, ...file }));
      return await run('up', '-f', path, ...words);
    }
    const inside = (node: string, ...argv: readonly string[]): Promise<string> =>
      engine.client('exec', `${LAB}.${node}`, ...argv);
    const box = { image: BUSYBOX, command: ['sleep', '1000000'] };
    const idOf = (node: string): Promise<string> => engine.client('inspect', '--format', '{{.Id}}', `${LAB}.${node}`);

    it('is made and linked, is found by its names, and is gone again with all that is its own', async () => {
      const stranger = await engine.client('create', '--name', 'stranger', BUSYBOX, 'true');
      const file: File = {
        nodes: {
          a: { ...box, exec: ['ip -o link show eth2 | wc -l >> /tmp/ran'] },
          b: box,
          alone: { ...box, exec: ['echo ran >> /tmp/ran'] },
          r: { run: [{ name: 'ticks', command: 'while :; do echo tick; sleep 0.2; done' }] },
        },
        wires: [
          { ends: ['a:eth1', 'b:eth1'], ip: ['10.0.0.1/24', '10.0.0.2/24'] },
          { ends: ['a:eth2', 'r:eth0'], ip: ['10.0.1.1/24', '10.0.1.2/24'] },
        ],
      };
      const made = await up(file, '--json');
      assert.equal(made.exitCode, 0, made.stderr);
      assert.deepEqual(JSON.parse(made.stdout).links.created, 4, made.stdout);
      const nodes = { desired: 4, created: 4, changed: 0, unchanged: 0, removed: 0, failed: 0 };
      assert.deepEqual(JSON.parse(made.stdout).nodes, nodes);
      await inside('a', 'ping', '-c', '1', '-W', '3', 'b');
      await inside('a', 'ping', '-c', '1', '-W', '3', 'r');
      const pid = await engine.client('inspect', '--format', '{{.State.Pid}}', `${LAB}.a`);
      assert.equal(readlinkSync(`/run/netns/${LAB}.a`), `/proc/${pid}/ns/net`);
      assert.match(readFileSync(`/etc/netns/${LAB}.r/hosts`, 'utf8'), /^# linkloom whole\n[\s\S]*10\.0\.0\.2\tb\n/);
      assert.ok(existsSync(`/run/linkloom/${LAB}/logs/r/ticks.log`));

      // Once each, and with all links in place.
      assert.equal(await inside('a', 'cat', '/tmp/ran'), '1');
      assert.equal(await inside('alone', 'cat', '/tmp/ran'), 'ran');

      const again = await up(file, '--json');
      assert.deepEqual([again.exitCode, JSON.parse(again.stdout).links.unchanged], [0, 4], again.stderr);
      assert.equal(await inside('alone', 'cat', '/tmp/ran'), 'ran');
      assert.equal((await up(file, '--rerun-commands')).exitCode, 0);
      assert.equal(await inside('alone', 'cat', '/tmp/ran'), 'ran\nran');
      await engine.client('restart', '--time', '0', `${LAB}.alone`);
      assert.equal((await up(file)).exitCode, 0);
      assert.equal(await inside('alone', 'cat', '/tmp/ran'), 'ran\nran\nran');
      const restarted = await run('restart', '-f', join(folder.path, 'lab.json'), '--grace', '0', 'alone');
      assert.equal(restarted.exitCode, 0, restarted.stderr);
      assert.equal((await up(file)).exitCode, 0);
      assert.equal(await inside('alone', 'cat', '/tmp/ran'), 'ran\nran\nran\nran');
      const all = await run('status', '--all');
      assert.equal(all.exitCode, 0, all.stderr);
      const down = await run('down', '--lab', LAB);
      assert.equal(down.exitCode, 0, down.stderr);
      assert.match(down.stderr, /down: links: 4 removed; nodes: 4 removed \(/);
      assert.deepEqual((await engine.client('ps', '--all', '--quiet', '--no-trunc')).split('\n'), [stranger]);
      assert.deepEqual(
        (await netnsNames()).filter((netns) => netns.includes(LAB)),
        [],
      );
      for (const path of [`/run/linkloom/${LAB}`, `/etc/netns/${LAB}.r`]) assert.ok(!existsSync(path), path);
      await engine.client('rm', stranger);
    });

    it('makes anew only what is described otherwise, and removes what is described no more', async () => {
      const wires = [
        ['a:eth1', 'b:eth1'],
        ['b:eth2', 'c:eth1'],
      ];
      assert.equal((await up({ nodes: { a: box, b: box, c: box }, wires })).exitCode, 0);
      const before = await Promise.all(['a', 'b', 'c'].map(idOf));
      const changed = await up({ nodes: { a: box, b: { ...box, env: { X: '1' } }, c: box }, wires }, '--json');
      assert.equal(changed.exitCode, 0, changed.stderr);
      const nodes = { desired: 3, created: 0, changed: 1, unchanged: 2, removed: 0, failed: 0 };
      assert.deepEqual(JSON.parse(changed.stdout).nodes, nodes);
      const now = await Promise.all(['a', 'b', 'c'].map(idOf));
      assert.deepEqual(
        now.map((id, index) => id === before[index]),
        [true, false, true],
      );
      for (const node of ['a', 'c']) assert.match(await inside(node, 'ls', '/sys/class/net'), /eth1/, node);
      assert.match(await inside('b', 'ls', '/sys/class/net'), /eth1\s+eth2/);
      const less = await up({ nodes: { a: box, b: { ...box, env: { X: '1' } } }, wires: [wires[0]] });
      assert.equal(less.exitCode, 0, less.stderr);
      assert.match(less.stderr, /2 unchanged, 2 removed|2 removed, 2 unchanged/);
      assert.match(less.stderr, /; 2 nodes wanted: 1 removed, 2 unchanged \(/);
      assert.equal(await engine.client('ps', '--all', '--quiet', '--filter', `name=${LAB}.c`), '');
      assert.ok(!existsSync(`/run/netns/${LAB}.c`));
      await run('down', '--lab', LAB);
    });

    it('tells the fault of one node as its own, makes the others, and is whole once the fault is mended', async () => {
      const wires = [
        ['a:eth1', 'b:eth1'],
        ['a:eth2', 'bad:eth1'],
      ];
      const failed = await up(
        { nodes: { a: box, b: box, bad: { ...box, image: 'linkloom-test/missing:1' } }, wires },
        '--json',
      );
      assert.equal(failed.exitCode, 1, failed.stdout);
      assert.notEqual(failed.stdout, '', failed.stderr);
      const { failures, links, nodes } = JSON.parse(failed.stdout);
      assert.deepEqual([nodes.desired, nodes.created + nodes.changed, nodes.failed], [3, 2, 1], failed.stdout);
      assert.deepEqual(
        failures
          .filter(({ code }: { code: string }) => code === 'E_NODE_FAILED')
          .map(({ link }: { link: string }) => link),
        ['bad'],
      );
      assert.equal(links.created, 2, failed.stdout);
      const mended = await up({ nodes: { a: box, b: box, bad: box }, wires });
      assert.equal(mended.exitCode, 0, mended.stderr);
      await run('down', '--lab', LAB);
    });

    it('starts who waits after whom it waits for', async () => {
      const late = { ...box, wait_for: { early: 'links' } };
      const done = await up({
        nodes: { late, early: box, other: box },
        wires: [
          ['early:eth1', 'other:eth1'],
          ['late:eth1', 'other:eth2'],
        ],
      });
      assert.equal(done.exitCode, 0, done.stderr);
      const [first = '', second = ''] = await Promise.all(
        ['early', 'late'].map((node) =>
          engine.client('inspect', '--format', '{{json .State.StartedAt}}', `${LAB}.${node}`),
        ),
      );
      assert.ok(Date.parse(JSON.parse(first)) < Date.parse(JSON.parse(second)), `${first} ${second}`);
      await run('down', '--lab', LAB);
      const never = await up({
        nodes: { late: { ...box, wait_for: { other: 'links' } }, other: box },
        wires: [['late:eth1', 'other:eth1']],
      });
      assert.equal(never.exitCode, 1);
      assert.match(never.stderr, /can't be made before late runs/);
      await run('down', '--lab', LAB);
    });
  });
}
