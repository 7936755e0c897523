/**
 * Measures how large a lab can be: `direct` wires between namespaces of ten links each, made and removed by linkloom and by the floor in
 * turn; the verbs that look at it, with their peak memory; and what the kernel keeps of it.
 *
 * `npm run bench:huge -- [--size LINKS]… [--rounds R] [--most-gib GIB] [--without-floor]`. It ends before it touches anything if the lab would leave less than
 * 2 GiB free, and stops in the midst of it, and removes all, if more than GIB (20) are in use.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MAX_TEXT } from '../../src/config/text/source.ts';
import { machineFacts } from '../../src/engine/machine/files.ts';
import { median } from '../../src/lab/bench/bench.ts';
import { runAsRoot } from '../as-root.ts';
import { removeAll, untilQuiet } from '../quiet.ts';
import { machine, saveResult } from '../report.ts';
import { compileFloor, deployByFloor, type FloorOrder } from '../rivals/floor.ts';
import { atExit, BIN, linkloom, peakOf } from '../rivals/linkloom.ts';
import { runProgram } from '../rivals/process.ts';
import { type Work, workOf } from '../work.ts';
import { type Spent, spending } from './spent.ts';

const LINKS_PER_NODE = 10;
/** In KiB. */
const MIB = 1024;
const GIB = 1024 * MIB;
/** Pings of `check`. Each makes both of its ends neighbours, and the kernel has room for 1,024 of them unless told otherwise. */
const PINGS = 400;
/** What `bench/README.md` says of a pair of veth and of a namespace, in KiB. */
const [PAIR_KIB, NAMESPACE_KIB] = [93, 245];

const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', multiple: true, default: ['10000', '100000'] },
    rounds: { type: 'string', default: '1' },
    'most-gib': { type: 'string', default: '20' },
    'without-floor': { type: 'boolean', default: false },
  },
});

interface Run extends Spent {
  readonly verb: string;
  readonly peakMiB: number;
}

interface HugeRow {
  readonly links: number;
  readonly floorMs: Readonly<Record<FloorOrder, readonly number[]>>;
  readonly byHandMs: readonly number[];
  readonly applyMs: readonly number[];
  readonly kernelMiB: readonly number[];
  readonly runs: readonly Run[];
}

process.exitCode = await runAsRoot('bench:huge', 'makes network namespaces', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-huge-'));
  const guard = setInterval(stopWhereFull, 1000);
  try {
    const floor = flags['without-floor'] ? null : compileFloor(folder);
    const rows: HugeRow[] = [];
    for (const size of flags.size.map(Number)) {
      rows.push(await rowOf(size, folder, floor));
      process.stdout.write(textOf(rows.slice(-1)));
    }
    process.stderr.write(`Kept in ${saveResult('huge', { machine: machine(), rows })}\n`);
    return 0;
  } finally {
    clearInterval(guard);
    await removeAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** /proc/meminfo, in KiB. */
function memory(...names: readonly string[]): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  return names.reduce((sum, name) => sum + Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0), 0);
}

function kernelKiB(): number {
  return memory('SUnreclaim', 'SReclaimable', 'Percpu');
}

/** The sandbox's namespaces go with this process. */
function stopWhereFull(): void {
  if (memory('MemTotal') - memory('MemAvailable') < Number(flags['most-gib']) * GIB) return;
  process.stderr.write(`more than ${flags['most-gib']} GiB are in use: stopped\n`);
  process.exit(1);
}

async function rowOf(size: number, folder: string, floor: string | null): Promise<HugeRow> {
  const nodes = size / LINKS_PER_NODE;
  const neededKiB = (size / 2) * PAIR_KIB + nodes * NAMESPACE_KIB + 2 * GIB;
  if (memory('MemAvailable') < neededKiB)
    throw new Error(`${size} links need ${(neededKiB / GIB).toFixed(1)} GiB of memory`);
  const shape = ['circulant', '--nodes', String(nodes), '--links', String(LINKS_PER_NODE), '--bridge-mode', 'direct'];
  const generate = ['generate', ...shape, '--runtime', 'netns'];
  const work = workOf(await linkloom([...generate, '--format', 'json']), 'huge');
  const [json, yaml, checked] = [join(folder, 'lab.json'), join(folder, 'lab.yaml'), join(folder, 'checked.json')];
  writeFileSync(json, work.config);
  writeFileSync(checked, JSON.stringify({ ...JSON.parse(work.config), checks: checksOf(work) }));
  writeFileSync(yaml, await linkloom([...generate, '--format', 'yaml']));
  const row = { links: size, floorMs: { rounds: [], last: [] }, byHandMs: [], applyMs: [], kernelMiB: [], runs: [] };
  for (let round = 0; round < Number(flags.rounds); round++) {
    if (floor !== null) await byFloor(work, floor, row);
    await byLinkloom({ json, yaml, checked, nodes }, folder, row);
  }
  return row;
}

/** A ping over each of some wires. */
function checksOf({ pairs }: Work): readonly object[] {
  return pairs.slice(0, PINGS).map(([one, other]) => ({ from: one.node, to: `${other.node}:${other.dev}` }));
}

interface Lab {
  readonly json: string;
  readonly yaml: string;
  /** The same lab with checks. */
  readonly checked: string;
  readonly nodes: number;
}

interface Filling {
  readonly floorMs: Record<FloorOrder, number[]>;
  readonly byHandMs: number[];
  readonly applyMs: number[];
  readonly kernelMiB: number[];
  readonly runs: Run[];
}

async function byFloor(work: Work, floor: string, { floorMs, byHandMs }: Filling): Promise<void> {
  for (const order of ['rounds', 'last'] as const) {
    await untilQuiet();
    floorMs[order].push(await deployByFloor(floor, work, order));
    const startedMs = performance.now();
    await removeAll();
    await untilQuiet();
    byHandMs.push(performance.now() - startedMs);
  }
}

async function byLinkloom({ json, yaml, checked, nodes }: Lab, folder: string, row: Filling): Promise<void> {
  const run = async (verb: string, words: readonly string[]): Promise<string> => {
    const file = join(folder, 'peak');
    const work = () => runProgram(process.execPath, ['--import', atExit(file), BIN, ...words, '--progress', 'quiet']);
    const { result, wallMs, cpuMs } = await spending(work);
    const peakMiB = peakOf(file);
    row.runs.push({ verb, wallMs, cpuMs, peakMiB });
    process.stderr.write(`${verb}: ${(wallMs / 1000).toFixed(1)} s, ${peakMiB.toFixed(0)} MiB\n`);
    return result;
  };
  await untilQuiet();
  await run('validate', ['validate', '-f', json]);
  if (statSync(yaml).size <= MAX_TEXT.yaml) await run('validate, YAML', ['validate', '-f', yaml]);
  await run('config', ['config', '-f', json]);
  await run('graph', ['graph', 'json', '-f', json]);
  await run('plan --offline', ['plan', '--offline', '--json', '-f', json]);
  const before = kernelKiB();
  const summary = JSON.parse(await run('up', ['up', '--json', '-f', json])) as { timings: { applyMs: number } };
  row.applyMs.push(summary.timings.applyMs);
  row.kernelMiB.push((kernelKiB() - before) / MIB);
  await run('up again', ['up', '-f', json]);
  await run('plan', ['plan', '-f', json]);
  await run('status', ['status', '-f', json]);
  await run('status --json', ['status', '--json', '-f', json]);
  // Each needs one for each node.
  if (nodes < (machineFacts().descriptors ?? 0)) {
    await run('verify', ['verify', '-f', json]);
    await run('check', ['check', '-f', checked]);
  }
  await run('down', ['down', '--lab', 'huge']);
}

function textOf(rows: readonly HugeRow[]): string {
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  return rows
    .map(({ links, floorMs, byHandMs, applyMs, kernelMiB, runs }) => {
      const apply = median(applyMs);
      const over = (base: readonly number[]): string => (base.length === 0 ? '–' : (apply / median(base)).toFixed(2));
      const verbs = [...new Set(runs.map(({ verb }) => verb))].map((verb) => {
        const own = runs.filter((one) => one.verb === verb);
        const of = (key: 'wallMs' | 'cpuMs'): string => seconds(median(own.map((one) => one[key])));
        return `| ${verb} | ${of('wallMs')} | ${of('cpuMs')} | ${Math.max(...own.map(({ peakMiB }) => peakMiB)).toFixed(0)} |\n`;
      });
      return [
        `\n${links} links: apply ${seconds(apply)} s, ${((apply * 1000) / links).toFixed(0)} µs a link, `,
        `${over(floorMs.rounds)} × the floor, ${over(floorMs.last)} × the floor with far ends last; `,
        `by hand gone in ${byHandMs.length === 0 ? '–' : seconds(median(byHandMs))} s; the kernel keeps ${median(kernelMiB).toFixed(0)} MiB\n\n`,
        `| command | s | CPU s | peak MiB |\n| --- | ---: | ---: | ---: |\n`,
        ...verbs,
      ].join('');
    })
    .join('');
}
