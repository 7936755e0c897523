/** Measures one lab, made and removed by linkloom and by the floor in turn. The tables and the gate use these samples. */
import { rmSync } from 'node:fs';
import type { Timings } from '../../src/events.ts';
import { checkLab } from '../check.ts';
import { removeAll, untilQuiet } from '../quiet.ts';
import { deployByFloor } from '../rivals/floor.ts';
import { deployByLinkloom, peakOf, removeByLinkloom, upAgain } from '../rivals/linkloom.ts';
import type { Work } from '../work.ts';

export interface Samples {
  /** Empty if there is no compiler, or no floor for the shape. */
  readonly floorMs: number[];
  /** How long `ip -all netns delete` takes for what the floor made, until the kernel is done. */
  readonly byHandMs: number[];
  readonly up: Timings[];
  readonly again: Timings[];
  readonly down: Timings[];
  readonly peakMiB: number[];
}

/** Measures linkloom and the floor `rounds` times, in turn, each on a quiet kernel. `args` are given to linkloom's `up`. */
export async function measure(
  work: Work,
  floor: string | null,
  rounds: number,
  args: readonly string[] = [],
): Promise<Samples> {
  const samples: Samples = { floorMs: [], byHandMs: [], up: [], again: [], down: [], peakMiB: [] };
  for (let round = 0; round < rounds; round++) {
    if (floor !== null) await byFloor(work, floor, samples);
    await byLinkloom(work, args, samples);
  }
  return samples;
}

async function byFloor(work: Work, floor: string, { floorMs, byHandMs }: Samples): Promise<void> {
  await untilQuiet();
  floorMs.push(await deployByFloor(floor, work));
  await checkLab(work, true);
  const startedMs = performance.now();
  await removeAll();
  await untilQuiet();
  byHandMs.push(performance.now() - startedMs);
}

async function byLinkloom(work: Work, args: readonly string[], samples: Samples): Promise<void> {
  await untilQuiet();
  const file = `/tmp/linkloom-bench-peak-${process.pid}`;
  try {
    samples.up.push(await deployByLinkloom(work, args, file));
    samples.peakMiB.push(peakOf(file));
    await checkLab(work, true);
    samples.again.push(await upAgain(work, args));
    samples.down.push(await removeByLinkloom(work));
  } finally {
    rmSync(file, { force: true });
    await removeAll();
  }
}
