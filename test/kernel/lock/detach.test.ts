/** `down --detach`: the lab goes on going away without the command that was called, and who comes meanwhile is told or waits. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { remains } from '../../support/faults/kill-matrix.ts';
import { labOf } from '../../support/faults/labs.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

/** So many that the removal is still under way when it is stopped. */
const LINKS = 120;

describe('a removal in the background', { timeout: 120_000, ...needs('root', 'program:ip') }, () => {
  const name = uniqueName('g');
  const lab = labOf(name, { nodes: 4, links: LINKS });
  const log = `/run/linkloom/${name}.down.log`;
  let folder: Folder | undefined;
  let file = '';

  before(async () => {
    folder = temporaryFolder('detach');
    file = join(folder.path, 'lab.json');
    // Of one MTU, of which nothing is to be warned.
    const links = lab.links.map((link) => ({ ...link, mtu: 1500 }));
    await writeFile(file, JSON.stringify({ ...lab, links }));
  });
  after(async () => {
    await linkloom(['down', '--lab', name]);
    folder?.[Symbol.dispose]();
  });

  async function up(): Promise<void> {
    const { exitCode, stderr } = await linkloom(['up', '-f', file, '--default-bridge-mode', 'linux']);
    assert.equal(exitCode, 0, stderr);
  }

  it('is named by status and by who is refused, is waited for by up and down, and leaves nothing', async () => {
    await up();
    const begun = await linkloom(['down', '--lab', name, '--detach', '--json']);
    assert.equal(begun.exitCode, 0, begun.stderr);
    const { pid, ...rest } = JSON.parse(begun.stdout);
    assert.deepEqual(rest, { schemaVersion: 1, verb: 'down', lab: name, state: 'going', log });
    await using waiting = startLinkloom(['up', '-f', file, '--default-bridge-mode', 'linux']);
    process.kill(pid, 'SIGSTOP');
    try {
      const [status, set] = await Promise.all([
        linkloom(['status', '--lab', name]),
        linkloom(['set', `${name}n0:eth0`, '--down', '-f', file]),
      ]);
      assert.match(status.stderr, new RegExp(`Lab ${name} is being removed by pid ${pid}$`, 'm'));
      assert.equal(set.exitCode, 1);
      assert.match(set.stderr, new RegExp(`lab ${name} is being removed by pid ${pid}$`, 'm'));
      await waiting.until(new RegExp(`Lab ${name} is being removed by pid ${pid}: waiting until it is gone`));
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await waiting.until(new RegExp(`${LINKS} created`));
    assert.equal(existsSync(log), false, 'what a removal said goes once it has succeeded');
    assert.equal((await linkloom(['down', '--lab', name, '--detach'])).exitCode, 0);
    const second = await linkloom(['down', '--lab', name]);
    assert.equal(second.exitCode, 0, second.stderr);
    assert.deepEqual(await remains(lab), []);
  });

  it('that is refused is a failure of the command that was called', async () => {
    await using daemon = startLinkloom(['daemon', '--no-api', '-f', file, '--default-bridge-mode', 'linux']);
    await daemon.until(/^All links connected$/m);
    const { exitCode, stderr } = await linkloom(['down', '--lab', name, '--detach']);
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, new RegExp(`lab ${name} is in the hands of another linkloom, pid ${daemon.child.pid}\\b`));
    assert.equal(existsSync(log), false);
  });
});
