/** The daemon's loop on a real engine whose socket comes and goes; only the kernel is a map. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { runDaemon } from '../../src/daemon/loop.ts';
import type { Event } from '../../src/events.ts';
import { CommandRuns } from '../../src/lab/commands/runs.ts';
import { connectEngines } from '../../src/runtime/connect.ts';
import { FakeKernel } from '../support/daemon/fake-kernel.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../support/engine/dockerd.ts';
import { SocketProxy } from '../support/engine/proxy.ts';

const WAIT_MS = 15_000;

describe('following Docker', { timeout: 180_000 }, () => {
  let docker: TestEngine;
  before(async () => {
    docker = await startDockerd();
    await ensureBusybox(docker);
  });
  after(async () => {
    await docker?.[Symbol.asyncDispose]();
  });

  const start = (name: string) =>
    docker.docker('run', '--detach', '--init', '--network', 'none', '--name', name, BUSYBOX, 'sleep', '1000000');

  /** Container id → process id, as the engine has it. */
  async function running(): Promise<Record<string, number>> {
    const ids = (await docker.docker('ps', '--quiet', '--no-trunc')).split('\n').filter((id) => id !== '');
    if (ids.length === 0) return {};
    const lines = await docker.docker('inspect', '--format', '{{.Id}} {{.State.Pid}}', ...ids);
    return Object.fromEntries(lines.split('\n').map((line) => [line.slice(0, 64), Number(line.slice(65))]));
  }

  async function untilExact(kernel: FakeKernel): Promise<void> {
    const wanted = await running();
    const deadline = Date.now() + WAIT_MS;
    const there = () => Object.fromEntries(kernel.ports);
    while (!isDeepStrictEqual(there(), wanted) && Date.now() < deadline) await delay(20);
    assert.deepEqual(there(), wanted);
  }

  it('ends exact after restarts, an outage in which much happened, and a socket that is cut again and again', async () => {
    await using proxy = new SocketProxy(docker.socketPath);
    await proxy.listen();
    const events: Event[] = [];
    const emit = (event: Event): void => void events.push(event);
    const engines = await connectEngines({ dockerSocket: proxy.socketPath, podmanSocket: '/nowhere' }, emit);
    const kernel = new FakeKernel();
    const stop = new AbortController();
    const timing = { reconnectMinMs: 20, reconnectMaxMs: 200, resyncEveryMs: 3_600_000 };
    await start('node-a');
    const runs = new CommandRuns({ emit, lab: null, tell: 'warning' });
    const daemon = runDaemon({ reconciler: kernel, engines, runs, emit, signal: stop.signal, atEnd: 'remove', timing });
    try {
      await untilExact(kernel);
      await start('node-b');
      await docker.docker('restart', '--time', '0', 'node-a', 'node-b');
      await untilExact(kernel);

      await proxy.cut();
      await docker.docker('restart', '--time', '0', 'node-a');
      await docker.docker('rm', '--force', 'node-b');
      await start('node-c');
      await proxy.listen();
      await untilExact(kernel);

      for (let round = 0; round < 5; round++) {
        const restarting = docker.docker('restart', '--time', '0', 'node-a', 'node-c');
        await delay(50 * round);
        await proxy.cut();
        await proxy.listen();
        await restarting;
      }
      await untilExact(kernel);
      assert.deepEqual(kernel.wrongs, []);
      const lost = events.filter((event) => event.type === 'diagnostic').length;
      assert.ok(lost >= 1 && lost <= 6, `one warning for each outage, not ${lost}`);
    } finally {
      stop.abort();
      await daemon;
    }
    assert.ok(kernel.removed);
    await docker.docker('rm', '--force', 'node-a', 'node-c');
  });
});
