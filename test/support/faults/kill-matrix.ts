/** Kills `up`, `down` and the daemon at random moments, and checks what must be true after each kill. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { linkloom } from '../bin.ts';
import { temporaryFolder } from '../folder.ts';
import { netnsNames, uniqueName } from '../netns.ts';
import { differences, eventually } from './exact.ts';
import { type Lab, type LabSize, labOf } from './labs.ts';
import { killed, mustSucceed } from './program.ts';
import { diceFor } from './seed.ts';

export interface MatrixOptions extends LabSize {
  readonly kills: number;
  /** No kill is begun after this time. */
  readonly budgetMs: number;
}

export interface MatrixResult {
  readonly kills: number;
  /** How many kills came before the process had ended by itself. */
  readonly hits: number;
  /** How many links the next `up` found complete, half-made (`completed`) or missing (`made`). */
  readonly kept: number;
  readonly completed: number;
  readonly made: number;
}

const VICTIMS = ['up', 'down', 'daemon'] as const;
type Victim = (typeof VICTIMS)[number];

/** Runs the matrix on a lab of its own. Throws at the first kill after which something is wrong. */
export async function killMatrix(options: MatrixOptions): Promise<MatrixResult> {
  const lab = labOf(uniqueName('k'), options);
  using folder = temporaryFolder('kills');
  const file = join(folder.path, 'lab.json');
  await writeFile(file, JSON.stringify(lab));
  const totals = { kills: 0, hits: 0, kept: 0, completed: 0, made: 0 };
  const dice = diceFor('kill matrix');
  const tookMs = await durations(file, lab);
  const deadline = Date.now() + options.budgetMs;
  try {
    while (totals.kills < options.kills && Date.now() < deadline) {
      const victim = VICTIMS[totals.kills % VICTIMS.length] ?? 'up';
      const afterMs = dice.below(Math.ceil(tookMs[victim]));
      const where = `${victim} killed after ${afterMs} ms (kill ${totals.kills} of seed ${dice.seed})`;
      if (victim === 'down') await mustSucceed(['up', '-f', file], where);
      totals.hits += (await kill(victim, file, lab, afterMs)) ? 1 : 0;
      totals.kills += 1;
      const up = await mustSucceed(['up', '-f', file, '--json'], where);
      const { links } = JSON.parse(up);
      totals.kept += links.unchanged;
      totals.completed += links.changed;
      totals.made += links.created;
      assert.deepEqual(await eventually(() => differences(lab), 2_000), [], where);
      await mustSucceed(['down', '--lab', lab.lab], where);
      assert.deepEqual(await eventually(() => remains(lab), 3_000), [], where);
    }
  } finally {
    await linkloom(['down', '--lab', lab.lab]);
  }
  return totals;
}

/** How long each victim takes if it is not killed, so that kills are spread over all of it. */
async function durations(file: string, lab: Lab): Promise<Readonly<Record<Victim, number>>> {
  const took = async (work: () => Promise<unknown>): Promise<number> => {
    const startedMs = Date.now();
    await work();
    return Date.now() - startedMs;
  };
  const up = await took(() => mustSucceed(['up', '-f', file], 'first'));
  const down = await took(() => mustSucceed(['down', '--lab', lab.lab], 'first'));
  return { up: up * 0.8, down: down * 0.8, daemon: up };
}

async function kill(victim: Victim, file: string, lab: Lab, afterMs: number): Promise<boolean> {
  return await killed(victim === 'down' ? ['down', '--lab', lab.lab] : [victim, '-f', file], afterMs);
}

/** What is left of the lab: namespaces, devices and processes. Descriptors end with the processes. */
export async function remains(lab: Lab): Promise<readonly string[]> {
  const { stdout } = await execa('ip', ['-o', 'link']);
  return [
    ...(await netnsNames()).filter((name) => name.includes(lab.lab)),
    ...stdout.split('\n').filter((line) => line.includes(lab.lab) || /group 12[78]\d{7}\b/.test(line)),
    ...processesNaming(lab.lab),
  ];
}

function processesNaming(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(text) ? [`process ${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
}
