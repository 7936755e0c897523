/** The lock on a lab, by the program itself: who is refused, who is named, and what frees it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { BIN, linkloom, startLinkloom } from '../../support/bin.ts';
import { holdFile } from '../../support/faults/held-file.ts';
import { remains } from '../../support/faults/kill-matrix.ts';
import { labOf } from '../../support/faults/labs.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { newNetns, uniqueName } from '../../support/netns.ts';

/** Another version of Node.js than ours, if `npm run test:nodes` runs this; else the same one. */
const OTHER_NODE = process.env['LINKLOOM_OTHER_NODE'] ?? process.execPath;

describe('the lock on a lab', {
  timeout: 120_000,
  ...needs('root', 'program:ip', 'program:nsenter', 'program:flock'),
}, () => {
  // Also the name of the file that is locked for the whole host, but for its dot.
  for (const name of [uniqueName('k'), 'netns']) {
    describe(name === 'netns' ? 'of a lab called netns' : 'of any lab', () => {
      const lab = labOf(name, { nodes: 2, links: 4 });
      const path = `/run/linkloom/${name}.lock`;
      let folder: Folder | undefined;
      let file = '';
      before(async () => {
        folder = temporaryFolder('lock');
        file = join(folder.path, 'lab.json');
        await writeFile(file, JSON.stringify(lab));
      });
      after(async () => {
        folder?.[Symbol.dispose]();
        const { exitCode, stderr } = await linkloom(['down', '--lab', name]);
        assert.equal(exitCode, 0, stderr);
      });

      it('is held by one, who is named; looking is free; a kill frees it', async () => {
        await using daemon = startLinkloom(['daemon', '--no-api', '-f', file]);
        await daemon.until(/^All links connected$/m);
        for (const verb of [
          ['up', '-f', file],
          ['up', '-f', file, '--watch'],
          ['daemon', '-f', file],
          ['down', '--lab', name],
        ]) {
          const { exitCode, stderr } = await linkloom(verb);
          assert.equal(exitCode, 1, stderr);
          assert.match(
            stderr,
            new RegExp(`lab ${name} is in the hands of another linkloom, pid ${daemon.child.pid}\\b`),
          );
        }
        for (const verb of ['status', 'plan']) {
          const { exitCode, stderr } = await linkloom([verb, '-f', file, '--detailed-exitcode']);
          assert.equal(exitCode, 0, stderr);
        }
        const { mode, uid } = statSync(path);
        assert.deepEqual([mode & 0o7777, uid], [0o600, 0]);
        daemon.child.kill('SIGKILL');
        await daemon.child;
        assert.ok(existsSync(path), 'nobody took it away');
        assert.equal((await linkloom(['up', '-f', file])).exitCode, 0);
      });

      it('leaves no file, and no lab, after a clean end', async () => {
        const { exitCode, stderr } = await linkloom(['down', '--lab', name]);
        assert.equal(exitCode, 0, stderr);
        assert.ok(!existsSync(path));
        assert.deepEqual(
          (await remains(lab)).filter((line) => !line.includes('process')),
          [],
        );
      });

      it('holds across network namespaces and versions of Node.js, both ways', async () => {
        await using elsewhere = await newNetns();
        // Not `ip netns exec`, which also enters a mount namespace, where names are not seen from here.
        const there = [`--net=/run/netns/${elsewhere.name}`, OTHER_NODE, BIN];
        await using daemon = startLinkloom(['daemon', '--no-api', '-f', file]);
        await daemon.until(/^All links connected$/m);
        const refused = await execa('nsenter', [...there, 'up', '-f', file], { reject: false });
        assert.equal(refused.exitCode, 1, refused.stderr);
        assert.match(refused.stderr, new RegExp(`pid ${daemon.child.pid}\\b`));
        daemon.child.kill('SIGTERM');
        assert.equal((await daemon.child).exitCode, 0, daemon.output());
        const watching = execa('nsenter', [...there, 'up', '-f', file, '--watch', '--no-api'], { reject: false });
        const isHeld = (): boolean => existsSync(path) && readFileSync(path, 'utf8').includes(String(watching.pid));
        for (let tries = 0; !isHeld() && tries < 500; tries++) await new Promise((go) => setTimeout(go, 20));
        const { exitCode, stderr } = await linkloom(['up', '-f', file]);
        watching.kill('SIGTERM');
        const { exitCode: ended } = await watching;
        assert.equal(exitCode, 1, stderr);
        assert.match(stderr, new RegExp(`pid ${watching.pid}\\b`));
        assert.equal(ended, 0);
      });
    });
  }

  it('is not inherited by the programs that linkloom starts', async () => {
    const lab = uniqueName('k');
    using folder = temporaryFolder('lock');
    const file = join(folder.path, 'lab.json');
    const command = 'sleep 300 >/dev/null 2>&1 </dev/null & echo started $!';
    const links = [{ netns: `${lab}n`, dev: 'eth0', bridge: 'b' }];
    await writeFile(
      file,
      JSON.stringify({ lab, links, commands: [{ netns: `${lab}n`, command: ['sh', '-c', command] }] }),
    );
    let pid = 0;
    try {
      const { exitCode, stdout, stderr } = await linkloom(['up', '-f', file]);
      assert.equal(exitCode, 0, stderr);
      pid = Number(/started (\d+)/.exec(stdout + stderr)?.[1]);
      const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
      assert.deepEqual(
        open.filter((target) => target.includes('linkloom')),
        [],
      );
      const again = await linkloom(['up', '-f', file]);
      assert.equal(again.exitCode, 0, again.stderr);
    } finally {
      if (pid > 0) process.kill(pid, 'SIGKILL');
      assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
    }
  });

  it('names no process that is not there: what a killed holder left says nothing', async () => {
    const lab = uniqueName('k');
    const path = `/run/linkloom/${lab}.lock`;
    // Our own pid, with another start: a number that has passed on.
    await writeFile(path, `${process.pid} 1\n`, { mode: 0o600 });
    const { exitCode, stderr } = await linkloom(['down', '--lab', lab]);
    assert.equal(exitCode, 0, stderr);
    await writeFile(path, `${process.pid} 1\n`, { mode: 0o600 });
    // Somebody has it who can't be seen: the waiting ends, and that is said.
    const held = await holdFile(path, 60);
    const refused = await linkloom(['down', '--lab', lab], { timeoutMs: 20_000 });
    await held.release();
    assert.equal(refused.exitCode, 1, refused.stderr);
    assert.match(refused.stderr, /another linkloom that can't be seen from here/);
    assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
  });
});
