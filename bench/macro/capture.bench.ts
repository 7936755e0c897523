/**
 * Measures what a capture of small packets loses, by the kernel's own count, and the CPU time that it takes; tcpdump does the same beside it.
 * A program in C sends over a `direct` wire, at a steady rate and then as fast as it can.
 *
 * `npm run bench:capture -- [--rate PACKETS_PER_SECOND] [--seconds S]`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runAsRoot } from '../as-root.ts';
import { machine, saveResult } from '../report.ts';
import { compileProgram } from '../rivals/floor.ts';
import { BIN } from '../rivals/linkloom.ts';
import { runProgram } from '../rivals/process.ts';

const LAB = 'bench-capture';
const LINKS = [
  { netns: 'bench-a', bridge: 'wire', dev: 'eth0' },
  { netns: 'bench-b', bridge: 'wire', dev: 'eth0' },
];
const SOURCE = fileURLToPath(new URL('../../../bench/capture/sender.c', import.meta.url));
/** More than the sender can reach. */
const UNBOUND = 10_000_000;
/** The unit of times in /proc/PID/stat (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

interface Contender {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** What it says once it captures. */
  readonly ready: RegExp;
  /** Finds the packets captured, and those dropped, in what it has said. */
  readonly counts: (said: string) => readonly [captured: number, dropped: number];
}

interface Row {
  readonly contender: string;
  readonly ratePerSecond: number;
  readonly sent: number;
  readonly captured: number;
  readonly dropped: number;
  readonly cpuSeconds: number;
}

const { values: flags } = parseArgs({
  options: { rate: { type: 'string', default: '100000' }, seconds: { type: 'string', default: '5' } },
});

process.exitCode = await runAsRoot('bench:capture', 'makes links and captures on them', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  try {
    const sender = compileProgram(folder, 'sender', SOURCE);
    if (sender === null) throw new Error('no C compiler: the sender can not be made');
    const bridges = [{ bridge: 'wire', mode: 'direct' }];
    const file = join(folder, 'lab.json');
    writeFileSync(file, JSON.stringify({ lab: LAB, links: LINKS, bridges }));
    await runProgram(process.execPath, [BIN, 'up', '-f', file]);
    const rows: Row[] = [];
    for (const contender of contenders(join(folder, 'out.pcapng')))
      for (const rate of [Number(flags.rate), UNBOUND]) rows.push(await measure(contender, sender, rate));
    await runProgram(process.execPath, [BIN, 'down', '--lab', LAB]);
    report(rows);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function contenders(file: string): readonly Contender[] {
  const linkloom = (name: string, ...words: readonly string[]): Contender => ({
    ...{ name, program: process.execPath, args: [BIN, 'capture', '--lab', LAB, ...words], ready: /Capturing on/ },
    counts: (said) => [numberIn(said, /Captured (\d+) packet/), numberIn(said, /(\d+) dropped, for lack/)],
  });
  const tcpdump = ['-n', '-i', 'eth0', '-B', '65536', '-w', file];
  return [
    linkloom('linkloom, one link to a file', 'bench-b:eth0', '-w', file),
    linkloom('linkloom, one link to a pipe', 'bench-b:eth0'),
    linkloom('linkloom, both ends to a file', '*', '-w', file),
    {
      name: 'tcpdump, one link to a file (64 MiB of buffer, as linkloom)',
      program: 'ip',
      args: ['netns', 'exec', 'bench-b', 'tcpdump', ...tcpdump],
      ready: /listening on/,
      counts: (said) => [numberIn(said, /(\d+) packets? captured/), numberIn(said, /(\d+) packets? dropped by kernel/)],
    },
  ];
}

function numberIn(said: string, pattern: RegExp): number {
  return Number(pattern.exec(said)?.[1] ?? 0);
}

async function measure(contender: Contender, sender: string, ratePerSecond: number): Promise<Row> {
  // What is not a file is read as fast as it comes.
  const sink = spawn('cat', [], { stdio: ['pipe', openSync('/dev/null', 'w'), 'ignore'] });
  const child = spawn(contender.program, contender.args, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (sink.stdin !== null) child.stdout.pipe(sink.stdin);
  let said = '';
  child.stderr.on('data', (piece) => {
    said += String(piece);
  });
  while (!contender.ready.test(said)) {
    if (child.exitCode !== null) throw new Error(said);
    await delay(20);
  }
  const before = cpuSeconds(child);
  const words = ['netns', 'exec', 'bench-a', sender, 'eth0', String(ratePerSecond), flags.seconds];
  const sent = Number(await runProgram('ip', words));
  await delay(500);
  const used = cpuSeconds(child) - before;
  child.kill('SIGINT');
  await once(child, 'close');
  const [captured, dropped] = contender.counts(said);
  return { contender: contender.name, ratePerSecond, sent, captured, dropped, cpuSeconds: used };
}

/** User and system time of a process so far. */
function cpuSeconds({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function report(rows: readonly Row[]): void {
  const title = `capture: packets of 60 bytes over ${flags.seconds} s`;
  const header = machine();
  const lines = rows.map((row) => {
    const rate = row.ratePerSecond === UNBOUND ? 'as fast as it can' : String(row.ratePerSecond);
    return `| ${[row.contender, rate, row.sent, row.captured, row.dropped, row.cpuSeconds.toFixed(2)].join(' | ')} |`;
  });
  process.stdout.write(`${title}
${header.cpu} × ${header.cpus}, ${header.memoryGiB} GiB, Linux ${header.kernel}, Node ${header.node}

| contender | sent a second | sent | captured | dropped | CPU s |
| --- | ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}
`);
  process.stderr.write(`\nKept in ${saveResult('capture', { title, machine: header, rows })}\n`);
}
