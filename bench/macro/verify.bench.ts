/**
 * Measures a proof of wiring as users call it: the whole command, and of it the part that sends probes and waits for them. Every lab is
 * made once and proved several times; nothing is at fault in it.
 *
 * `npm run bench:verify -- [--mode MODE]… [--size LINKS]… [--rounds R]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { median } from '../../src/lab/bench/bench.ts';
import { runAsRoot } from '../as-root.ts';
import { removeAll, untilQuiet } from '../quiet.ts';
import { machine, saveResult } from '../report.ts';
import { BIN, linkloom } from '../rivals/linkloom.ts';
import { sizeOf } from '../shapes.ts';

const LAB = 'bench-verify';
/** The unit of times in /proc/PID/stat (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

interface Run {
  readonly wholeMs: number;
  readonly probeMs: number;
  readonly cpuMs: number;
  readonly links: number;
  readonly sockets: number;
  readonly sent: number;
}

interface Row {
  readonly mode: string;
  readonly links: number;
  /** From the start of the process to its end, in milliseconds, least first. */
  readonly wholeMs: readonly number[];
  /** Of each, opening the sockets, sending and waiting. */
  readonly probeMs: readonly number[];
  readonly cpuMs: readonly number[];
  readonly sockets: number;
  readonly sent: number;
}

const { values: flags } = parseArgs({
  options: {
    mode: { type: 'string', multiple: true, default: ['direct', 'linux', 'patch'] },
    size: { type: 'string', multiple: true, default: ['1000', '10000'] },
    rounds: { type: 'string', default: '5' },
  },
});

process.exitCode = await runAsRoot('bench:verify', 'makes links and proves them', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  const rows: Row[] = [];
  try {
    for (const mode of flags.mode) {
      for (const size of flags.size) {
        const { nodes, perNode } = sizeOf(Number(size));
        const words = ['--nodes', String(nodes), '--links', String(perNode), '--bridge-mode', mode, '--format', 'json'];
        const file = join(folder, 'lab.json');
        writeFileSync(file, await linkloom(['generate', 'circulant', ...words]));
        rows.push(await measure(mode, file));
      }
    }
  } finally {
    await removeAll();
    rmSync(folder, { recursive: true, force: true });
  }
  report(rows);
  return 0;
}

async function measure(mode: string, file: string): Promise<Row> {
  await untilQuiet();
  const source = ['--lab', LAB, '-f', file];
  await linkloom(['up', ...source]);
  const runs: Run[] = [];
  for (let round = 0; round < Number(flags.rounds); round += 1) runs.push(await proveOnce(mode, source));
  await linkloom(['down', '--lab', LAB]);
  const column = (of: (run: Run) => number): number[] => runs.map(of).sort((a, b) => a - b);
  const [{ links, sockets, sent } = { links: 0, sockets: 0, sent: 0 }] = runs;
  return {
    ...{ mode, links, sockets, sent },
    ...{ wholeMs: column(({ wholeMs }) => wholeMs), probeMs: column(({ probeMs }) => probeMs) },
    cpuMs: column(({ cpuMs }) => cpuMs),
  };
}

async function proveOnce(mode: string, source: readonly string[]): Promise<Run> {
  const [startedMs, cpuBefore] = [performance.now(), childrenCpuMs()];
  const words = [BIN, 'verify', ...source, '--json', '--progress', 'json'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [document, told] = ['', ''];
  child.stdout.on('data', (piece) => {
    document += String(piece);
  });
  child.stderr.on('data', (piece) => {
    told += String(piece);
  });
  await once(child, 'close');
  const wholeMs = performance.now() - startedMs;
  if (child.exitCode !== 0) throw new Error(`${mode}: status ${child.exitCode}\n${told}`);
  const { counts, probes } = JSON.parse(document);
  return { wholeMs, probeMs: probeMsIn(told), cpuMs: childrenCpuMs() - cpuBefore, links: counts.links, ...probes };
}

/** How long the stage took that probes, by the events that were told. */
function probeMsIn(told: string): number {
  const events = told
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return events.find(({ type, stage, state }) => type === 'stage' && stage === 'verify' && state === 'end').elapsedMs;
}

/** User and system time of the processes that have ended. */
function childrenCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS_PER_SECOND;
}

function report(rows: readonly Row[]): void {
  const title = 'verify: whole command and the part that probes, nothing at fault';
  const header = machine();
  const lines = rows.map((row) => {
    const [whole, probe, cpu] = [row.wholeMs, row.probeMs, row.cpuMs].map((all) => median(all).toFixed(0));
    const spread = `${row.wholeMs[0]?.toFixed(0)}–${row.wholeMs.at(-1)?.toFixed(0)}`;
    return `| ${[row.mode, row.links, row.sockets, row.sent, whole, spread, probe, cpu].join(' | ')} |`;
  });
  process.stdout.write(`${title}
${header.cpu} × ${header.cpus}, ${header.memoryGiB} GiB, Linux ${header.kernel}, Node ${header.node}

| mode | links | sockets | probes | whole ms | min–max ms | probing ms | CPU ms |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}
`);
  process.stderr.write(`\nKept in ${saveResult('verify', { title, machine: header, rows })}\n`);
}
