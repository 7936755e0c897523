/** `run` with nodes that are containers: the program has them, and afterwards there are none, however it ends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BIN, linkloom, type Ran, startLinkloom } from '../../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames } from '../../support/netns.ts';

const LAB = 'job';

describe('run with containers', { timeout: 300_000, ...needs('root') }, () => {
  let engine: TestEngine;
  let folder: Folder;
  let words: readonly string[];

  const run = (...program: readonly string[]): Promise<Ran> =>
    linkloom(['run', ...words, '--', ...program], { timeoutMs: 120_000 });
  const containers = async (): Promise<readonly string[]> =>
    (await engine.docker('ps', '--all', '--format', '{{.Names}}')).split('\n').filter(Boolean);
  const assertGone = async (): Promise<void> => {
    assert.deepEqual(await containers(), []);
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes(`${LAB}-`)),
      [],
    );
  };

  before(async () => {
    folder = temporaryFolder('run');
    engine = await startDockerd();
    await ensureBusybox(engine);
    const box = { image: BUSYBOX, command: ['sleep', '1000000'] };
    const lab = {
      lab: LAB,
      addressing: { wires: { pool: '10.0.0.0/24' } },
      nodes: { a: box, b: box, r: {} },
      wires: [
        ['a:eth1', 'b:eth1'],
        ['b:eth2', 'r:eth1'],
      ],
    };
    const file = join(folder.path, 'lab.json');
    writeFileSync(file, JSON.stringify(lab));
    words = ['-f', file, '--docker-socket', engine.socketPath, '--podman-socket', '/nowhere'];
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  it('the program has the lab, and its status is passed on', async () => {
    const script = `'${process.execPath}' '${BIN}' exec a -- ping -c 1 -w 10 b && '${process.execPath}' '${BIN}' exec b -- hostname; exit 6`;
    const ran = await run('sh', '-c', script);
    assert.equal(ran.exitCode, 6, ran.stderr);
    assert.match(ran.stdout, /1 packets transmitted, 1 packets received[\s\S]*^b$/m);
    assert.match(ran.stderr, /4 links: 4 ok, 0 at fault/);
    await assertGone();
  });

  it('what a killed run has left the next one removes, and nothing of strangers', async () => {
    await engine.docker('create', '--name', 'stranger', BUSYBOX, 'true');
    await using killed = startLinkloom(['run', ...words, '--', 'sh', '-c', 'echo READY; sleep 300; true']);
    await killed.until(/^READY$/m, 60_000);
    const exit = once(killed.child, 'exit');
    killed.child.kill('SIGKILL');
    await exit;
    assert.equal((await containers()).length, 3);
    const next = await run('true');
    assert.equal(next.exitCode, 0, next.stderr);
    assert.match(next.stderr, new RegExp(`Removed the lab ${LAB}-\\w{6} of a run that was killed`));
    assert.deepEqual(await containers(), ['stranger']);
    await engine.docker('rm', 'stranger');
    await assertGone();
  });

  it('up --timeout ends what waits for a container that never comes, names it, and keeps what is whole', async () => {
    const file = join(folder.path, 'late.json');
    const nodes = { x: {}, y: {} };
    const links = [{ container: 'never', bridge: 'lan', dev: 'eth0' }];
    writeFileSync(file, JSON.stringify({ lab: 'late', nodes, wires: [['x:eth1', 'y:eth1']], links }));
    const sockets = words.slice(2);
    const ran = await linkloom(['up', '-f', file, '--wait', '60', '--timeout', '4', ...sockets]);
    assert.equal(ran.exitCode, 1, ran.stderr);
    assert.match(ran.stderr, /the 4 s of --timeout are over/);
    assert.match(ran.stderr, /^ERROR: .*never.*/m);
    const status = JSON.parse((await linkloom(['status', '-f', file, '--json', ...sockets])).stdout);
    const whole = status.links.filter(({ state }: { state: string }) => state === 'ok');
    assert.equal(whole.length, 2, JSON.stringify(status.links));
    assert.equal((await linkloom(['down', '--lab', 'late', ...sockets])).exitCode, 0);
  });
});
