/** `up --wait`: what runs is linked at once, what comes later when it comes, and what never comes is told. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, startLinkloom } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';

const LAB = 'docker-wait-test';

describe('up --wait', { timeout: 300_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;
  let file: string;

  before(async () => {
    folder = temporaryFolder('wait');
    file = join(folder.path, 'lab.yaml');
    const links = ['early', 'late'].map((container, index) => ({
      ...{ container, bridge: 'lan', ip: `10.4.0.${index + 1}/24` },
    }));
    writeFileSync(file, JSON.stringify({ lab: LAB, links }));
    engine = await startDockerd();
    await ensureBusybox(engine);
  });
  after(async () => {
    await linkloom(['down', '--lab', LAB], { env: engine?.env ?? {} });
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  const start = (name: string): Promise<string> =>
    engine.docker('run', '--detach', '--init', '--network', 'none', '--name', name, BUSYBOX, 'sleep', '1000000');

  it('without it, a node that does not run is pending and the exit status is 1', async () => {
    await start('early');
    const ran = await linkloom(['up', '-f', file, '--json'], { env: engine.env });
    assert.equal(ran.exitCode, 1, ran.stderr);
    const { links } = JSON.parse(ran.stdout);
    assert.deepEqual([links.desired, links.created, links.pending], [2, 1, 1]);
  });

  it('when its time is over, the same', async () => {
    const startedMs = performance.now();
    const ran = await linkloom(['up', '-f', file, '--wait', '1.5', '--json'], { env: engine.env });
    assert.equal(ran.exitCode, 1, ran.stderr);
    assert.ok(performance.now() - startedMs >= 1500);
    const { links } = JSON.parse(ran.stdout);
    assert.deepEqual([links.unchanged, links.pending], [1, 1]);
  });

  it('a node that comes in time is linked', async () => {
    await using up = startLinkloom(['up', '-f', file, '--wait', '60', '--json'], { env: engine.env });
    await up.until(/1 pending/);
    await start('late');
    const { exitCode, stdout } = await up.child;
    assert.equal(exitCode, 0, up.output());
    const { links } = JSON.parse(String(stdout));
    assert.deepEqual(
      [links.desired, links.created, links.unchanged, links.pending, links.failed],
      [2, 1, 1, 0, 0],
      up.output(),
    );
    await engine.docker('exec', 'early', 'ping', '-c', '1', '-W', '3', '10.4.0.2');
  });

  it('a signal ends the waiting', async () => {
    await engine.docker('rm', '--force', 'late');
    await using up = startLinkloom(['up', '-f', file, '--wait', '600'], { env: engine.env });
    await up.until(/1 pending/);
    up.child.kill('SIGINT');
    assert.equal((await up.child).exitCode, 130, up.output());
    assert.match(up.output(), /interrupted/);
  });
});
