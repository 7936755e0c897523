/**
 * Random lives of a lab on the real kernel, by the real program: edits, `up`, `down`, both killed somewhere in the middle, devices
 * and whole nodes deleted by others. The model is just the configuration: after an `up` the kernel is as it says, device by device,
 * after a `down` nothing is left. (Containers that start and stop are churn.test.ts; more steps, in memory, test/property/faults.test.ts.)
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import fc from 'fast-check';
import { linkloom } from '../support/bin.ts';
import { amount, figures } from '../support/faults/amount.ts';
import { differences, eventually } from '../support/faults/exact.ts';
import { remains } from '../support/faults/kill-matrix.ts';
import { type Lab, labOf } from '../support/faults/labs.ts';
import { killed, mustSucceed } from '../support/faults/program.ts';
import { temporaryFolder } from '../support/folder.ts';
import { netnsNames, uniqueName } from '../support/netns.ts';

const LINKS = 12;
const STEPS_MAX = 8;
/** Longer than an `up` of this size, so that kills fall into all of it. */
const KILLED_WITHIN_MS = 350;
const PATIENCE_MS = 3000;

/** What is described. */
interface Model {
  lab: Lab;
}

interface Real {
  readonly file: string;
  readonly whole: Lab;
  readonly counts: Record<string, number>;
}

type Step = fc.AsyncCommand<Model, Real>;

function step(name: string, run: (model: Model, real: Real) => Promise<void>): Step {
  const counted = async (model: Model, real: Real): Promise<void> => {
    const kind = name.replace(/ .*/, '');
    real.counts[kind] = (real.counts[kind] ?? 0) + 1;
    await run(model, real);
  };
  return { check: () => true, run: counted, toString: () => name };
}

async function up({ lab }: Model, { file, whole }: Real): Promise<void> {
  await mustSucceed(['up', '-f', file]);
  const wanted = new Set(lab.links.map(({ netns }) => netns));
  const ask = async (): Promise<readonly string[]> => [
    ...(await differences(lab)),
    ...(await netnsNames()).filter((name) => name.startsWith(`${whole.lab}n`) && !wanted.has(name)),
  ];
  assert.deepEqual(await eventually(ask, PATIENCE_MS), []);
  await mustSucceed(['plan', '-f', file, '--detailed-exitcode']);
}

async function down({ whole }: Real): Promise<void> {
  await mustSucceed(['down', '--lab', whole.lab]);
  assert.deepEqual(await eventually(() => remains(whole), PATIENCE_MS), []);
}

const moments = fc.nat(KILLED_WITHIN_MS);
const steps: fc.Arbitrary<Step>[] = [
  fc.record({ kept: fc.nat(2 ** LINKS - 1), mtus: fc.nat(2 ** LINKS - 1) }).map(({ kept, mtus }) =>
    step(`edit ${kept} ${mtus}`, async (model, { file, whole }) => {
      const links = whole.links.flatMap((link, at) => {
        const mtu = mtus & (1 << at) ? 9000 : link.mtu;
        return kept & (1 << at) ? [{ ...link, mtu }] : [];
      });
      model.lab = { ...whole, links };
      await writeFile(file, JSON.stringify(model.lab));
    }),
  ),
  fc.constant(step('up', up)),
  fc.constant(step('down', async (_model, real) => await down(real))),
  moments.map((ms) => step(`up-killed ${ms}`, async (_model, { file }) => void (await killed(['up', '-f', file], ms)))),
  moments.map((ms) =>
    step(`down-killed ${ms}`, async (_model, { whole }) => void (await killed(['down', '--lab', whole.lab], ms))),
  ),
  fc.nat(LINKS - 1).map((at) =>
    step(`delete ${at}`, async (_model, { whole }) => {
      const { netns, dev } = whole.links[at] ?? { netns: '', dev: '' };
      await execa('ip', ['-n', netns, 'link', 'del', dev], { reject: false });
    }),
  ),
  fc.nat(LINKS - 1).map((at) =>
    step(`stop ${at}`, async (_model, { whole }) => {
      await execa('ip', ['netns', 'del', whole.links[at]?.netns ?? ''], { reject: false });
    }),
  ),
];

test('whatever happened before, an up ends as described and a down with nothing', { timeout: 3_600_000 }, async () => {
  const numRuns = amount('LIVES', 300);
  const whole = labOf(uniqueName('l'), { nodes: 4, links: LINKS });
  using folder = temporaryFolder('lives');
  const real: Real = { file: join(folder.path, 'lab.json'), whole, counts: {} };
  const life = fc.commands(steps, { maxCommands: STEPS_MAX, size: 'max' });
  try {
    await fc.assert(
      fc.asyncProperty(life, async (commands) => {
        const model: Model = { lab: whole };
        await writeFile(real.file, JSON.stringify(whole));
        await fc.asyncModelRun(() => ({ model, real }), commands);
        await up(model, real);
        await down(real);
      }),
      { numRuns, endOnFailure: true },
    );
  } finally {
    await linkloom(['down', '--lab', whole.lab]);
  }
  figures('lives', { lives: numRuns, ...real.counts });
});
