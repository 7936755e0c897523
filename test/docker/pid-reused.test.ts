/** The id of a container's process passes to a stranger between the engine's answer and its use: the stranger is left alone. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { linkloom, startLinkloom } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { SocketProxy } from '../support/engine/proxy.ts';
import { type Stranger, stranger } from '../support/faults/stranger.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';

const LAB = 'pid-reused-test';
const NODE = 'reused';
/** The daemon acts on an answer before the next one comes. */
const NEXT_ANSWER_MS = 1500;

describe('a process id that is used again', { timeout: 180_000 }, () => {
  let engine: TestEngine;
  let folder: Folder;
  let proxy: SocketProxy;
  let id: string;
  let pid: number;
  let file: string;
  let paths: readonly string[];

  before(async () => {
    folder = temporaryFolder('reused');
    file = join(folder.path, 'lab.json');
    writeFileSync(file, JSON.stringify({ lab: LAB, links: [{ container: NODE, bridge: 'lan', ip: '10.7.0.1/24' }] }));
    engine = await startDockerd();
    await ensureBusybox(engine);
    proxy = new SocketProxy(engine.socketPath);
    await proxy.listen();
    paths = ['-f', file, '--docker-socket', proxy.socketPath, '--podman-socket', '/nowhere'];
  });
  after(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });
  beforeEach(async () => {
    const run = ['run', '--detach', '--init', '--network', 'none', '--name', NODE];
    id = await engine.docker(...run, BUSYBOX, 'sleep', '100000');
    pid = await pidNow();
  });
  afterEach(async () => {
    await linkloom(['down', '--lab', LAB]);
    await engine.docker('rm', '--force', NODE);
  });

  const pidNow = async () => Number(await engine.docker('inspect', '--format', '{{.State.Pid}}', NODE));
  const inspect = () => new RegExp(`^GET \\S*/containers/${id}/json`);
  const devices = () => engine.docker('exec', NODE, 'ls', '/sys/class/net');

  it('fails the links of an `up`, which says why', async () => {
    const strangers: Stranger[] = [];
    proxy.holdNext(inspect(), async () => {
      await engine.docker('kill', NODE);
      strangers.push(await stranger(pid));
    });
    const before = (async () => {
      while (strangers.length === 0) await delay(1);
      return strangers[0]?.state();
    })();
    try {
      const up = await linkloom(['up', ...paths]);
      assert.equal(up.exitCode, 1, up.stderr);
      assert.match(up.stderr, new RegExp(`container ${NODE} ended or was restarted while linkloom looked at it`));
      assert.equal(await strangers[0]?.state(), await before);
    } finally {
      for (const one of strangers) await one[Symbol.asyncDispose]();
    }
  });

  it('has the daemon link the container’s next process', async () => {
    const strangers: Stranger[] = [];
    let before = '';
    let isAskedAgain = false;
    // The first answer is the list's; the second is what the daemon goes by, and the one after it would tell the truth.
    proxy.holdNext(inspect(), async () => {
      proxy.holdNext(inspect(), async () => {
        await engine.docker('restart', '--time', '0', NODE);
        const one = await stranger(pid);
        strangers.push(one);
        before = await one.state();
        proxy.holdNext(inspect(), () => {
          isAskedAgain = true;
          return delay(NEXT_ANSWER_MS);
        });
      });
    });
    await using daemon = startLinkloom(['daemon', ...paths]);
    try {
      await daemon.until(/All links connected/);
      assert.equal(strangers.length, 1, 'the answer was held');
      assert.notEqual(await pidNow(), pid);
      assert.match(await devices(), /eth0/);
      assert.ok(isAskedAgain, 'the answer about the process before was believed');
      assert.equal(daemon.output().match(/Creating veth link/g)?.length, 1, 'a link was told of that was never made');
      assert.doesNotMatch(daemon.output(), /ERROR/);
      daemon.child.kill('SIGTERM');
      assert.equal((await daemon.child).exitCode, 0, daemon.output());
      assert.equal(await devices(), 'lo');
      assert.equal(await strangers[0]?.state(), before);
    } finally {
      await daemon[Symbol.asyncDispose]();
      for (const one of strangers) await one[Symbol.asyncDispose]();
    }
  });

  it('does not keep the daemon from a container that only the engine knows for sure', async () => {
    for (const process of await processesOf(id)) leaveControlGroups(process);
    assert.doesNotMatch(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), new RegExp(id));
    await using daemon = startLinkloom(['daemon', ...paths]);
    await daemon.until(/All links connected/);
    assert.match(await devices(), /eth0/);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
  });

  async function processesOf(container: string): Promise<readonly string[]> {
    const lines = (await engine.docker('top', container, '-o', 'pid')).split('\n');
    return lines.slice(1).map((line) => line.trim());
  }
});

/** Into the root of each hierarchy, as of an engine that has its own way with them. */
function leaveControlGroups(process: string): void {
  const top = '/sys/fs/cgroup';
  for (const folder of ['.', ...readdirSync(top)]) {
    try {
      writeFileSync(join(top, folder, 'cgroup.procs'), process);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES') throw error;
    }
  }
}
