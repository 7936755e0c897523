/**
 * Measures how long it takes to make a lab: with linkloom, with one `ip` process per step, with one `ip -batch` per namespace, and
 * with a floor in C. All do the same work, in turn, each on a quiet kernel. Of each it tells the links alone, and the whole command.
 *
 * `npm run bench -- [--nodes N] [--links M] [--mode auto|direct] [--rounds R] [--only NAME]…`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runAsRoot } from '../as-root.ts';
import { checkLab } from '../check.ts';
import { removeAll, untilQuiet } from '../quiet.ts';
import { machine, rowsOf, type Sample, saveResult, tableOf } from '../report.ts';
import { deployByBatch } from '../rivals/batch.ts';
import { compileFloor, deployByFloor, type FloorOrder } from '../rivals/floor.ts';
import { deployByLinkloom, linkloom, removeByLinkloom } from '../rivals/linkloom.ts';
import { deployBySpawns } from '../rivals/spawn.ts';
import { type Work, workOf } from '../work.ts';
import { spending } from './spent.ts';

interface Contender {
  readonly name: string;
  /** Whether it switches checksum offload off, which the check then expects. */
  readonly offload: boolean;
  /** Resolves to the milliseconds of the links alone. */
  readonly deploy: (work: Work) => Promise<number>;
}

const LINKLOOM = 'linkloom up';

const { values: flags } = parseArgs({
  options: {
    nodes: { type: 'string', default: '100' },
    links: { type: 'string', default: '4' },
    mode: { type: 'string', default: 'auto' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true, default: [] },
  },
});

process.exitCode = await runAsRoot('bench', 'makes network namespaces', { network: true }, main);

async function main(): Promise<number> {
  const shape = ['circulant', '--nodes', flags.nodes, '--links', flags.links, '--bridge-mode', flags.mode];
  const work = workOf(await linkloom(['generate', ...shape, '--format', 'json']), 'bench');
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  try {
    await compare(work, contenders(folder));
    return 0;
  } finally {
    await removeAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

function contenders(folder: string): readonly Contender[] {
  const floor = compileFloor(folder);
  const byFloor = (name: string, order: FloorOrder): Contender[] =>
    floor === null ? [] : [{ name, offload: true, deploy: (work) => deployByFloor(floor, work, order) }];
  const all: Contender[] = [
    { name: LINKLOOM, offload: true, deploy: async (work) => (await deployByLinkloom(work)).applyMs },
    ...byFloor('floor in C', 'rounds'),
    // The rivals make ports of bridges.
    ...(flags.mode === 'direct'
      ? byFloor('floor in C, far ends last', 'last')
      : [
          { name: 'ip -batch', offload: true, deploy: (work: Work) => deployByBatch(work, true) },
          { name: 'ip -batch, offload left on', offload: false, deploy: (work: Work) => deployByBatch(work, false) },
          { name: 'ip per step', offload: true, deploy: deployBySpawns },
        ]),
  ];
  return flags.only.length === 0 ? all : all.filter(({ name }) => flags.only.includes(name));
}

async function compare(work: Work, field: readonly Contender[]): Promise<void> {
  const header = machine();
  const samples = new Map<string, Sample[]>(field.map(({ name }) => [name, []]));
  const downMs: number[] = [];
  const rounds = Number(flags.rounds);
  for (let round = 0; round < rounds; round += 1) {
    // Each round begins with another contender, so that all gain alike from what an earlier one leaves warm.
    const turn = [...field.slice(round % field.length), ...field.slice(0, round % field.length)];
    for (const contender of turn) samples.get(contender.name)?.push(await once(work, contender, downMs));
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  const rows = rowsOf(samples, LINKLOOM, work.linkCount);
  const title = `circulant, ${flags.nodes} namespaces × ${flags.links} links, mode ${flags.mode}`;
  process.stdout.write(
    `${title}\n${header.cpu} × ${header.cpus}, ${header.memoryGiB} GiB, Linux ${header.kernel}, Node ${header.node}, ${header.iproute2}\n\n${tableOf(rows)}\n`,
  );
  const path = saveResult(
    `deploy-circulant-${flags.nodes}x${flags.links}${flags.mode === 'auto' ? '' : `-${flags.mode}`}`,
    { title, machine: header, rows, downMs },
  );
  process.stderr.write(`\nKept in ${path}\n`);
}

/** Makes one lab on a quiet kernel. The check and the removal are not measured. */
async function once(work: Work, contender: Contender, downMs: number[]): Promise<Sample> {
  await untilQuiet();
  const { result: linksMs, ...whole } = await spending(() => contender.deploy(work));
  await checkLab(work, contender.offload);
  if (contender.name === LINKLOOM) downMs.push((await removeByLinkloom(work)).totalMs);
  await removeAll();
  return { linksMs, ...whole };
}
