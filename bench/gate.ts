/**
 * Checks whether linkloom has become slower: it compares the ratios of one run with those of `baseline.json`, within a margin. It
 * never compares milliseconds, which depend on the machine. `npm run bench:gate` fails if a ratio is exceeded; `-- --write` writes
 * a new baseline.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runAsRoot } from './as-root.ts';
import { measure } from './macro/measure.ts';
import { measureStanding, measureStart, startPrograms } from './macro/start.ts';
import { removeAll } from './quiet.ts';
import { compileFloor } from './rivals/floor.ts';
import { workFor } from './shapes.ts';

interface Baseline {
  /** By how much a ratio may exceed its baseline: 0.25 is a quarter. */
  readonly margin: number;
  readonly ratios: Readonly<Record<string, number>>;
  /** What a ratio may never exceed, whatever its baseline. */
  readonly limits: Readonly<Record<string, number>>;
}

const BASELINE = fileURLToPath(new URL('../../bench/baseline.json', import.meta.url));
const LINKS = 400;
/** So many `direct` links are made in several rounds of wires. */
const ROUNDS_OF_LINKS = 4000;
/** So many show what grows faster than the lab does. A set-up takes seconds, beside which chance is little, so few rounds will do. */
const LARGE = { links: 20_000, rounds: 2 } as const;
const CASES = [
  ['circulant', LINKS],
  ['direct', LINKS],
  ['direct', ROUNDS_OF_LINKS],
  ['direct', LARGE.links],
] as const;

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, write: { type: 'boolean', default: false } },
});

process.exitCode = await runAsRoot('bench:gate', 'makes network namespaces', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-gate-'));
  try {
    const ratios = await measureRatios(folder, Number(flags.rounds));
    const baseline = JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline;
    if (!flags.write) return compare(ratios, baseline);
    writeFileSync(BASELINE, `${JSON.stringify({ ...baseline, ratios }, null, 2)}\n`);
    return 0;
  } finally {
    await removeAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ratios are made from least values, not from medians, since all else that the machine does only adds time. */
async function measureRatios(folder: string, rounds: number): Promise<Record<string, number>> {
  const floor = compileFloor(folder);
  const ratios: Record<string, number> = {};
  for (const [shape, links] of CASES) {
    const samples = links === LARGE.links ? Math.min(rounds, LARGE.rounds) : rounds;
    const { floorMs, byHandMs, up, again, down } = await measure(await workFor(shape, links), floor, samples);
    const applyMs = Math.min(...up.map((run) => run.applyMs));
    if (floor !== null) ratios[`${shape} ${links}: apply over the floor in C`] = applyMs / Math.min(...floorMs);
    const [upMs, againMs, downMs] = [up, again, down].map((runs) => Math.min(...runs.map(({ totalMs }) => totalMs)));
    ratios[`${shape} ${links}: up again over up`] = (againMs ?? 0) / (upMs ?? 1);
    if (links === ROUNDS_OF_LINKS && floor !== null)
      ratios[`${shape} ${links}: down over by hand`] = (downMs ?? 0) / Math.min(...byHandMs);
  }
  const [base, version, one] = await measureStart(folder, rounds);
  ratios['version over node -e 0, CPU'] = (version?.leastCpuMs ?? 0) / (base?.leastCpuMs ?? 1);
  ratios['up of one link over node -e 0, CPU'] = (one?.leastCpuMs ?? 0) / (base?.leastCpuMs ?? 1);
  Object.assign(ratios, await standingRatios(folder, rounds));
  return Object.fromEntries(Object.entries(ratios).map(([name, ratio]) => [name, Math.round(ratio * 100) / 100]));
}

/** `up` with nothing to do, of one link and of many. */
async function standingRatios(folder: string, rounds: number): Promise<Record<string, number>> {
  const file = join(folder, 'links.json');
  writeFileSync(file, (await workFor('direct', LINKS)).config);
  const [base] = startPrograms(folder);
  const labs = [
    { lab: 'start', name: 'one link', args: ['-f', join(folder, 'one.json')] },
    { lab: 'bench', name: `${LINKS} links`, args: ['-f', file] },
  ];
  const rows = await measureStanding(labs, base, rounds);
  return Object.fromEntries(
    rows.map((row) => {
      const [least, leastOfBase] = [row.samples, row.base].map((some) => Math.min(...some.map(({ cpuMs }) => cpuMs)));
      return [`${row.name}, nothing to do, over node -e 0, CPU`, (least ?? 0) / (leastOfBase ?? 1)];
    }),
  );
}

function compare(ratios: Readonly<Record<string, number>>, { margin, ratios: before, limits }: Baseline): number {
  let status = 0;
  for (const [name, ratio] of Object.entries(ratios)) {
    const slower = (before[name] ?? Number.POSITIVE_INFINITY) * (1 + margin);
    const most = Math.min(slower, limits[name] ?? Number.POSITIVE_INFINITY);
    const verdict = ratio > most ? 'SLOWER' : 'ok';
    if (ratio > most) status = 1;
    process.stdout.write(
      `${verdict.padEnd(7)} ${name}: ${ratio.toFixed(2)} (baseline ${before[name] ?? 'none'}, at most ${most.toFixed(2)})\n`,
    );
  }
  return status;
}
