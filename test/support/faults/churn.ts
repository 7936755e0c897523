/** Starts, stops, kills and replaces containers at random under a daemon, and checks at pauses that the kernel is exact. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linkloom, startLinkloom } from '../bin.ts';
import type { Dice } from '../dice.ts';
import { BUSYBOX } from '../engine/busybox.ts';
import type { TestEngine } from '../engine/dockerd.ts';
import { temporaryFolder } from '../folder.ts';
import { netnsNames, uniqueName } from '../netns.ts';
import { containerDifferences, linksOf } from './containers.ts';
import { eventually } from './exact.ts';
import { diceFor } from './seed.ts';

export interface ChurnOptions {
  readonly containers: number;
  readonly durationMs: number;
  readonly pauses: number;
  /** How many actions run at once. */
  readonly atOnce: number;
  /** The engine socket that the daemon is given. */
  readonly socketPath: string;
  /** Called between actions, to do something to the engine. */
  readonly meanwhile?: () => Promise<void>;
}

const EXACT_WITHIN_MS = 30_000;

/** Runs the churn. Throws if the kernel is not exact at a pause, or if anything is left at the end. Returns figures. */
export async function churn(engine: TestEngine, options: ChurnOptions): Promise<Readonly<Record<string, number>>> {
  const dice = diceFor('churn');
  const lab = uniqueName('u');
  using folder = temporaryFolder('churn');
  const file = join(folder.path, 'lab.json');
  const names = Array.from({ length: options.containers }, (_, n) => `${lab}c${n}`);
  const links = linksOf(names);
  await writeFile(file, JSON.stringify({ lab, links }));
  const counts = { started: 0, stopped: 0, killed: 0, restarted: 0, replaced: 0, pauses: 0, slowestExactMs: 0 };
  const paths = ['--docker-socket', options.socketPath, '--podman-socket', '/nowhere'];
  await using daemon = startLinkloom(['daemon', '-f', file, ...paths]);
  const untilExact = async (): Promise<void> => {
    const startedMs = Date.now();
    const left = await eventually(() => containerDifferences(engine, lab, names), EXACT_WITHIN_MS);
    assert.deepEqual(left, [], daemon.output().slice(-3000));
    counts.slowestExactMs = Math.max(counts.slowestExactMs, Date.now() - startedMs);
    counts.pauses += 1;
  };
  try {
    await daemon.until(/Listening on/);
    const deadline = Date.now() + options.durationMs;
    const pauseEveryMs = options.durationMs / (options.pauses + 1);
    let nextPause = Date.now() + pauseEveryMs;
    while (Date.now() < deadline) {
      const some = new Set(Array.from({ length: options.atOnce }, () => dice.pick(names)));
      await Promise.all([...some].map((name) => act(engine, name, dice, counts)));
      await options.meanwhile?.();
      if (Date.now() < nextPause) continue;
      await untilExact();
      nextPause = Date.now() + pauseEveryMs;
    }
    await untilExact();
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output().slice(-3000));
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes(lab)),
      [],
    );
    return counts;
  } finally {
    await daemon[Symbol.asyncDispose]();
    await linkloom(['down', '--lab', lab]);
    await engine.docker('rm', '--force', ...names).catch(() => {});
  }
}

async function act(engine: TestEngine, name: string, dice: Dice, counts: Record<string, number>): Promise<void> {
  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const docker = (...words: readonly string[]) =>
    engine.docker(...words).then(
      () => {},
      () => {},
    );
  const run = () =>
    docker('run', '--detach', '--init', '--network', 'none', '--name', name, BUSYBOX, 'sleep', '100000');
  switch (dice.below(6)) {
    case 0:
    case 1:
      await run();
      await docker('start', name);
      return count('started');
    case 2:
      await docker('stop', '--time', '0', name);
      return count('stopped');
    case 3:
      await docker('kill', name);
      return count('killed');
    case 4:
      await docker('restart', '--time', '0', name);
      return count('restarted');
    default:
      await docker('rm', '--force', name);
      await run();
      return count('replaced');
  }
}
