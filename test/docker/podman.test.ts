/** Podman's containers, through its socket, alone and beside Docker's. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { connectEngines } from '../../src/runtime/connect.ts';
import type { ContainerEvent } from '../../src/runtime/engine.ts';
import { linkloom, startLinkloom } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox, withBusyboxTree } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { startPodman, type TestPodman } from '../support/engine/podman.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';
import { needs } from '../support/needs.ts';

const LAB = 'podman-test';
const WAIT_MS = 20_000;

describe('Podman', { timeout: 400_000, ...needs('root', 'program:podman', 'program:runc') }, () => {
  let podman: TestPodman;
  let folder: Folder;
  let file: string;

  before(async () => {
    folder = temporaryFolder('podman');
    file = join(folder.path, 'lab.yaml');
    podman = await startPodman();
    await withBusyboxTree(async (tree) => {
      const tar = join(folder.path, 'busybox.tar');
      await execa('tar', ['-C', tree, '-cf', tar, '.']);
      await podman.podman('import', tar, BUSYBOX);
    });
  });
  after(async () => {
    await linkloom(['down', '--lab', LAB, '--podman-socket', podman?.socketPath ?? '']);
    await podman?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  const start = (name: string, ...options: readonly string[]): Promise<string> =>
    podman.podman('run', '--detach', '--network', 'none', '--name', name, ...options, BUSYBOX, 'sleep', '1000000');
  const ping = (from: string, address: string): Promise<string> =>
    podman.podman('exec', from, 'ping', '-c', '1', '-W', '3', address);

  async function untilPings(from: string, address: string): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (Date.now() < deadline) {
      const answered = await ping(from, address).then(
        () => true,
        () => false,
      );
      if (answered) return;
      await delay(200);
    }
    assert.fail(`no answer from ${address} at ${from}`);
  }

  it('a command has ended when its shell has, though a child holds its output', { timeout: 30_000 }, async () => {
    const sockets = { dockerSocket: '/nowhere/docker.sock', podmanSocket: podman.socketPath };
    const [engine] = await connectEngines(sockets, () => {});
    const id = await start('worker');
    let out = '';
    const onOutput = (_: string, bytes: Buffer): void => {
      out += bytes.toString();
    };
    const status = await engine?.exec(id, ['sh', '-c', 'sleep 1000 & echo out; exit 4'], { onOutput });
    assert.deepEqual([status, out], [4, 'out\n']);
    await podman.podman('rm', '--force', '--time', '0', 'worker');
  });

  it('lists containers, and tells start, die and destroy in its own words', async () => {
    const sockets = { dockerSocket: '/nowhere/docker.sock', podmanSocket: podman.socketPath };
    const [engine] = await connectEngines(sockets, () => {});
    assert.ok(engine);
    assert.equal(engine.kind, 'podman');
    const stop = new AbortController();
    const seen: ContainerEvent[] = [];
    const events = await engine.events(stop.signal);
    const following = (async () => {
      for await (const event of events) seen.push(event);
    })();
    const id = await start('told', '--label', 'com.docker.compose.service=web');
    const listed = await engine.list();
    assert.deepEqual(
      listed.map(({ name, service, pid }) => ({ name, service, alive: pid > 1 })),
      [{ name: 'told', service: 'web', alive: true }],
    );
    await podman.podman('rm', '--force', '--time', '0', 'told');
    const deadline = Date.now() + WAIT_MS;
    while (seen.at(-1)?.action !== 'destroy' && Date.now() < deadline) await delay(50);
    assert.deepEqual([...new Set(seen.map(({ action }) => action))], ['start', 'die', 'destroy']);
    assert.ok(seen.every((event) => event.id === id));
    stop.abort();
    await assert.rejects(following);
  });

  it('links containers, follows a restart, and takes everything away', async () => {
    await start('left');
    await start('right');
    const links = ['left', 'right'].map((container, index) => ({
      container,
      bridge: 'lan',
      ip: `10.4.0.${index + 1}/24`,
    }));
    writeFileSync(file, JSON.stringify({ lab: LAB, links }));
    const sockets = ['--docker-socket', '/nowhere/docker.sock', '--podman-socket', podman.socketPath];
    await using daemon = startLinkloom(['--network-file', file, ...sockets]);
    await daemon.until(/All links connected/);
    assert.match(daemon.output(), new RegExp(`Listening on ${podman.socketPath}`));
    await untilPings('left', '10.4.0.2');
    await podman.podman('restart', '--time', '0', 'right');
    await untilPings('left', '10.4.0.2');
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    for (const name of ['left', 'right']) {
      assert.doesNotMatch(await podman.podman('exec', name, 'ls', '/sys/class/net'), /eth/);
    }

    const up = await linkloom(['up', '-f', file, ...sockets, '--json']);
    assert.equal(JSON.parse(up.stdout).links.created, 2, up.stderr);
    await untilPings('right', '10.4.0.1');
    for (const [program, status] of [
      ['nosuch', 127],
      ['/no/such', 127],
      ['/etc', 126],
    ] as const) {
      const ran = await linkloom(['exec', ...sockets, 'left', '--', program]);
      assert.deepEqual([ran.exitCode, ran.stdout], [status, ''], program);
      assert.match(ran.stderr, new RegExp(program));
    }
    const down = await linkloom(['down', '--lab', LAB, ...sockets]);
    assert.equal(down.exitCode, 0, down.stderr);
    assert.doesNotMatch(await podman.podman('exec', 'left', 'ls', '/sys/class/net'), /eth/);
    await podman.podman('rm', '--all', '--force', '--time', '0');
  });

  describe('beside Docker', () => {
    let docker: TestEngine;
    before(async () => {
      docker = await startDockerd();
      await ensureBusybox(docker);
    });
    after(async () => {
      await docker?.[Symbol.asyncDispose]();
    });

    it('links containers of both engines with each other, and follows both', async () => {
      await start('of-podman');
      const run = [
        'run',
        '--detach',
        '--init',
        '--network',
        'none',
        '--name',
        'of-docker',
        BUSYBOX,
        'sleep',
        '1000000',
      ];
      await docker.docker(...run);
      const links = ['of-podman', 'of-docker'].map((container, index) => ({
        container,
        bridge: 'lan',
        ip: `10.4.1.${index + 1}/24`,
      }));
      writeFileSync(file, JSON.stringify({ lab: LAB, links }));
      const sockets = ['--docker-socket', docker.socketPath, '--podman-socket', podman.socketPath];
      await using daemon = startLinkloom(['daemon', '-f', file, ...sockets]);
      await daemon.until(/All links connected/);
      assert.match(daemon.output(), new RegExp(`Listening on ${docker.socketPath}`));
      assert.match(daemon.output(), new RegExp(`Listening on ${podman.socketPath}`));
      await untilPings('of-podman', '10.4.1.2');
      await podman.podman('restart', '--time', '0', 'of-podman');
      await untilPings('of-podman', '10.4.1.2');
      await docker.docker('restart', '--time', '0', 'of-docker');
      await untilPings('of-podman', '10.4.1.2');
      daemon.child.kill('SIGTERM');
      assert.equal((await daemon.child).exitCode, 0, daemon.output());
      assert.doesNotMatch(await podman.podman('exec', 'of-podman', 'ls', '/sys/class/net'), /eth/);
      assert.doesNotMatch(await docker.docker('exec', 'of-docker', 'ls', '/sys/class/net'), /eth/);
    });
  });
});
