/** dockerd killed in the middle of its work: the daemon outlives it, and all is exact once it is back. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { linkloom, startLinkloom } from '../support/bin.ts';
import { BUSYBOX, ensureBusybox } from '../support/engine/busybox.ts';
import { type MortalEngine, startDockerd } from '../support/engine/dockerd.ts';
import { containerDifferences, linksOf } from '../support/faults/containers.ts';
import { eventually, identities } from '../support/faults/exact.ts';
import { temporaryFolder } from '../support/folder.ts';
import { netnsNames, uniqueName } from '../support/netns.ts';

const CONTAINERS = 4;
/** How far a start has come when dockerd dies: the request is under way, the process is being made, it runs just so. */
const KILLED_AFTER_MS = [100, 250, 450];
/** Long enough for the daemon to have tried the engine several times in vain: it does so after 200 ms, 400 ms and 800 ms. */
const OUTAGE_MS = 1500;
const SETTLED_MS = 20_000;

/** A lab of running containers under a daemon; and what has to be true once that has been told to end. */
async function withLab(options: readonly string[], use: (world: World) => Promise<void>): Promise<void> {
  await using engine = await startDockerd('private', options);
  await ensureBusybox(engine);
  using folder = temporaryFolder('killed');
  const lab = uniqueName('e');
  const names = Array.from({ length: CONTAINERS }, (_, n) => `${lab}c${n}`);
  const file = join(folder.path, 'lab.json');
  writeFileSync(file, JSON.stringify({ lab, links: linksOf(names) }));
  for (const name of names) await run(engine, name);
  const paths = ['--docker-socket', engine.socketPath, '--podman-socket', '/nowhere'];
  await using daemon = startLinkloom(['daemon', '-f', file, ...paths]);
  const said = daemon.output;
  try {
    await daemon.until(/All links connected/);
    await use({
      engine,
      lab,
      names,
      pidOf: async (name) => Number(await engine.docker('inspect', '--format', '{{.State.Pid}}', name)),
      back: async (times) => {
        await daemon.until(new RegExp(`(lost docker on[^]*?Listening on[^]*?){${times}}`));
        assert.equal(said().match(/lost docker on/g)?.length, times, said());
      },
      exact: async () => {
        const left = await eventually(() => containerDifferences(engine, lab, names), SETTLED_MS);
        assert.deepEqual(left, [], said());
        assert.equal((await engine.docker('ps', '--quiet')).split('\n').length, CONTAINERS);
        assert.equal(daemon.child.exitCode, null, said());
      },
    });
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, said());
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes(lab)),
      [],
    );
    for (const name of names) assert.equal(await engine.docker('exec', name, 'ls', '/sys/class/net'), 'lo');
  } finally {
    await daemon[Symbol.asyncDispose]();
    await linkloom(['down', '--lab', lab]);
  }
}

async function run(engine: MortalEngine, name: string): Promise<void> {
  await engine.docker('run', '--detach', '--init', '--network', 'none', '--name', name, BUSYBOX, 'sleep', '100000');
}

/** Docker can't start a container again whose start its death cut in two (`task … already exists`): that one is replaced. */
async function startAnyhow(engine: MortalEngine, name: string): Promise<void> {
  try {
    await engine.docker('start', name);
  } catch {
    await engine.docker('rm', '--force', name);
    await run(engine, name);
  }
}

interface World {
  readonly engine: MortalEngine;
  readonly lab: string;
  readonly names: readonly string[];
  readonly pidOf: (name: string) => Promise<number>;
  /** The daemon has told of so many outages, each with its end. */
  readonly back: (times: number) => Promise<void>;
  /** All containers run, and each has its links. */
  readonly exact: () => Promise<void>;
}

test('killed while a container is being started, its containers ended by its return: all linked again', {
  timeout: 180_000,
}, async () => {
  await withLab([], async ({ engine, names, pidOf, exact, back }) => {
    const [victim = '', another = ''] = names;
    await exact();
    for (const [round, afterMs] of KILLED_AFTER_MS.entries()) {
      await engine.docker('stop', '--time', '0', victim);
      const pid = await pidOf(another);
      const starting = engine.docker('start', victim).catch(() => {});
      // Not an event but a moment is meant: dockerd dies wherever it is then.
      await delay(afterMs);
      await engine.kill();
      await starting;
      // Nobody tells of a container that ends now.
      if (round === 1) process.kill(pid, 'SIGKILL');
      await delay(OUTAGE_MS);
      await engine.restart();
      for (const name of names) await startAnyhow(engine, name);
      await exact();
      await engine.docker('exec', victim, 'ping', '-c', '1', '-W', '3', '10.4.0.2');
      await back(round + 1);
    }
  });
});

test('killed and back with --live-restore: what runs on keeps its links, what ended or started meanwhile is seen', {
  timeout: 120_000,
}, async () => {
  await withLab(['--live-restore'], async ({ engine, lab, names, pidOf, exact, back }) => {
    const [victim = '', ...others] = names;
    await exact();
    const pids = await Promise.all(others.map(pidOf));
    const ports = async (): Promise<readonly string[]> =>
      (await identities(`linkloom-${lab}`)).filter((line) => others.some((name) => line.includes(` ${name} `)));
    const before = await ports();
    assert.equal(before.length, 2 * others.length);
    const pid = await pidOf(victim);
    await engine.kill();
    process.kill(pid, 'SIGKILL');
    await delay(OUTAGE_MS);
    assert.deepEqual(await ports(), before);
    await engine.restart();
    await engine.docker('start', victim);
    await exact();
    assert.deepEqual(await Promise.all(others.map(pidOf)), pids);
    assert.deepEqual(await ports(), before);
    await engine.docker('exec', victim, 'ping', '-c', '1', '-W', '3', '10.4.0.2');
    await back(1);
  });
});
