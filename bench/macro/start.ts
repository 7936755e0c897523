/** Measures how long the program takes to start: whole processes, in turn with one that does nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../../src/lab/bench/bench.ts';
import { BIN, linkloom } from '../rivals/linkloom.ts';
import { type Spent, spentBy } from './spent.ts';

/** The medians for one program, and its least CPU time. */
export interface Start extends Spent {
  readonly name: string;
  readonly leastCpuMs: number;
}

export interface Program {
  readonly name: string;
  readonly args: readonly string[];
}

/** `node -e 0`, `linkloom version`, and `up` of one link. */
export function startPrograms(folder: string): readonly [base: Program, version: Program, one: Program] {
  const file = join(folder, 'one.json');
  const link = { netns: 'start-node', dev: 'eth0', bridge: 'b0', ip: '10.0.0.1/24' };
  writeFileSync(file, JSON.stringify({ lab: 'start', links: [link] }));
  return [
    { name: 'node -e 0', args: ['-e', '0'] },
    { name: 'linkloom version', args: [BIN, 'version'] },
    { name: 'linkloom up, one link', args: [BIN, 'up', '-f', file, '--progress', 'quiet'] },
  ];
}

/** A lab that is there. */
export interface Standing {
  readonly lab: string;
  readonly name: string;
  /** Of `up`: the file, and what else it needs. */
  readonly args: readonly string[];
}

/**
 * Makes each lab in turn, measures `up` of it with nothing to do in turn with `base`, and removes it: no other lab is there then, as one
 * process looks into the namespaces of all.
 */
export async function measureStanding(
  labs: readonly Standing[],
  base: Program,
  rounds: number,
): Promise<readonly { readonly name: string; readonly samples: readonly Spent[]; readonly base: readonly Spent[] }[]> {
  const rows = [];
  for (const { lab, name, args } of labs) {
    const words = [BIN, 'up', ...args, '--progress', 'quiet'];
    // The first run makes the links, the second V8's code of a run that has nothing to do.
    for (let run = 0; run < 2; run++) spentBy(words);
    const row = { name, samples: [] as Spent[], base: [] as Spent[] };
    for (let round = 0; round < rounds; round++) {
      row.samples.push(spentBy(words));
      row.base.push(spentBy(base.args));
    }
    rows.push(row);
    await linkloom(['down', '--lab', lab, ...args.filter((_, at) => args[at - (at % 2)] === '--docker-socket')]);
  }
  return rows;
}

/** Measures `node -e 0`, `linkloom version`, and `up` of one link, `rounds` times each, in turn, after one run that is not counted. */
export async function measureStart(folder: string, rounds: number): Promise<readonly Start[]> {
  const programs = startPrograms(folder);
  const samples = programs.map((): Spent[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [at, { args }] of programs.entries()) {
      const spent = spentBy(args);
      if (round >= 0) samples[at]?.push(spent);
    }
    await linkloom(['down', '--lab', 'start']);
  }
  return programs.map(({ name }, at) => {
    const cpu = samples[at]?.map(({ cpuMs }) => cpuMs) ?? [];
    const wallMs = median(samples[at]?.map((spent) => spent.wallMs) ?? []);
    return { name, wallMs, cpuMs: median(cpu), leastCpuMs: Math.min(...cpu) };
  });
}
