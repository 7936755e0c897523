/**
 * Measures how long others wait for RTNL, the kernel's one lock for changes of network devices, while a lab is made and removed. A probe
 * in C asks for the lock again and again. `ip -all netns delete` takes the same lab away beside it: it deletes namespaces with all that is
 * in them.
 *
 * `npm run bench:rtnl -- [--bridges N] [--mode MODE]… [--rounds R] [--beside CHECKOUT]…`. With `--beside` the built programs of other
 * checkouts do the same, in turn in each round.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../../src/lab/bench/bench.ts';
import { runAsRoot } from '../as-root.ts';
import { removeAll, untilQuiet } from '../quiet.ts';
import { machine, saveResult } from '../report.ts';
import { compileProgram } from '../rivals/floor.ts';
import { BIN, linkloom } from '../rivals/linkloom.ts';
import { runProgram } from '../rivals/process.ts';

const LAB = 'bench-rtnl';
const SOURCE = fileURLToPath(new URL('../../../bench/floor/rtnl-probe.c', import.meta.url));
const LINKS_PER_NODE = 4;

/** One run. */
interface Sample {
  readonly wallMs: number;
  readonly medianUs: number;
  readonly p99Us: number;
  readonly worstMs: number;
}

interface Row {
  readonly mode: string;
  readonly what: string;
  readonly program: string;
  readonly samples: Sample[];
}

const BY_HAND = '`ip -all netns delete`';

const { values: flags } = parseArgs({
  options: {
    bridges: { type: 'string', default: '2000' },
    mode: { type: 'string', multiple: true, default: ['linux', 'patch', 'direct'] },
    rounds: { type: 'string', default: '1' },
    beside: { type: 'string', multiple: true, default: [] },
  },
});

process.exitCode = await runAsRoot('bench:rtnl', 'makes network namespaces', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  try {
    const probe = compileProgram(folder, 'rtnl-probe', SOURCE);
    if (probe === null) throw new Error('no C compiler: the probe can not be made');
    const rows: Row[] = [];
    for (const mode of flags.mode) rows.push(...(await measureMode(folder, probe, mode)));
    report(rows);
    return 0;
  } finally {
    await removeAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The programs that are measured: this one first. */
function programs(): readonly { readonly name: string; readonly bin: string }[] {
  const others = flags.beside.map((checkout) => ({ name: basename(checkout), bin: join(checkout, 'lib/src/main.js') }));
  return [{ name: 'linkloom', bin: BIN }, ...others];
}

async function measureMode(folder: string, probe: string, mode: string): Promise<readonly Row[]> {
  const file = join(folder, `${mode}.json`);
  const nodes = String((Number(flags.bridges) * 2) / LINKS_PER_NODE);
  const words = ['--nodes', nodes, '--links', String(LINKS_PER_NODE), '--bridge-mode', mode, '--format', 'json'];
  writeFileSync(file, await linkloom(['generate', 'circulant', ...words]));
  const rows = new Map<string, Row>();
  const note = async (what: string, program: string, work: () => Promise<unknown>): Promise<void> => {
    const sample = await watched(probe, work);
    const row = rows.get(`${what} ${program}`) ?? { mode, what, program, samples: [] };
    rows.set(`${what} ${program}`, row);
    row.samples.push(sample);
    process.stderr.write(
      `${[mode, what, program].join(' ')}: ${(sample.wallMs / 1000).toFixed(1)} s, worst ${sample.worstMs.toFixed(0)} ms\n`,
    );
  };
  const up = (bin: string): Promise<string> => run(bin, 'up', '-f', file);
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const { name, bin } of programs()) {
      await note('up', name, () => up(bin));
      await note('down', name, () => run(bin, 'down'));
    }
    await up(BIN);
    await note(BY_HAND, 'ip', removeAll);
  }
  return [...rows.values()];
}

function run(bin: string, verb: string, ...words: readonly string[]): Promise<string> {
  return runProgram(process.execPath, [bin, verb, '--lab', LAB, '--progress', 'quiet', ...words]);
}

/** Runs `work` beside the probe, until the kernel has finished all of it. */
async function watched(probe: string, work: () => Promise<unknown>): Promise<Sample> {
  await untilQuiet();
  const child = spawn(probe, [], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (piece) => {
    said += String(piece);
  });
  const startedMs = performance.now();
  await work();
  await untilQuiet();
  const wallMs = performance.now() - startedMs;
  child.kill('SIGTERM');
  await once(child, 'close');
  const [, middle = 0, p99 = 0, worst = 0] = said.trim().split(' ').map(Number);
  return { wallMs, medianUs: middle, p99Us: p99, worstMs: worst / 1000 };
}

function report(rows: readonly Row[]): void {
  const title = `others' waits for RTNL, ${flags.bridges} two-ended domains, ${flags.rounds} rounds`;
  const header = machine();
  process.stdout.write(`${title}
${header.cpu} × ${header.cpus}, ${header.memoryGiB} GiB, Linux ${header.kernel}, Node ${header.node}

| mode | what | program | takes s | least s | median µs | p99 ms | worst ms | least worst ms |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.map(lineOf).join('\n')}
`);
  process.stderr.write(`\nKept in ${saveResult('rtnl', { title, machine: header, rows })}\n`);
}

/** The medians of all rounds, and of the time and the worst wait the least. */
function lineOf({ mode, what, program, samples }: Row): string {
  const of = (key: keyof Sample): readonly number[] => samples.map((sample) => sample[key]);
  const [walls, worsts] = [of('wallMs'), of('worstMs')];
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  const cells = [
    ...[seconds(median(walls)), seconds(Math.min(...walls)), median(of('medianUs'))],
    ...[seconds(median(of('p99Us'))), median(worsts).toFixed(0), Math.min(...worsts).toFixed(0)],
  ];
  return `| ${[mode, what, program, ...cells].join(' | ')} |`;
}
