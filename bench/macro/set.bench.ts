/**
 * Measures `set` on hundreds of links at once (down, up, a rate by tbf) against the same messages from a program in C, on the same lab.
 * What is measured is from the first message until it is known what was refused; all have the namespaces open by then. `cold` is a
 * process that has just started, as a command is; `warm` one that has done it before, as a daemon has. `floor` sends in the order in which
 * linkloom does; `heavy` does the same in a process with as much memory and as many threads as that of Node.js; `sends` has the fewest
 * sends, one for each namespace, where linkloom has more.
 *
 * `npm run bench:set -- [--nodes N] [--links M] [--rounds R]`
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { grouped } from '../../src/grouped.ts';
import { median } from '../../src/lab/bench/bench.ts';
import { reset } from '../../src/lab/verbs/set.ts';
import { runAsRoot } from '../as-root.ts';
import { untilQuiet } from '../quiet.ts';
import { machine, saveResult } from '../report.ts';
import { compileProgram } from '../rivals/floor.ts';
import { linkloom } from '../rivals/linkloom.ts';
import { runProgram } from '../rivals/process.ts';
import { CHANGES, type Change, RATE_BITS, requestOf, SET_ONCE, SILENT, setAll } from '../set-once.ts';

const LAB = 'bench-set';
const SOURCE = fileURLToPath(new URL('../../../bench/floor/set.c', import.meta.url));
/** As `set` chooses them for an MTU of 65,535 at this rate: a bucket of one packet, and 50 ms more that wait. */
const TBF = { bytesPerSec: RATE_BITS / 8, burst: 65_557, limit: 131_114 };

/**
 * Before each change: what the kernel still does of the one before is through. It looks at devices that were set down once a second, as
 * they are not urgent (`linkwatch_urgent_event` in net/core/link_watch.c).
 */
const PAUSE_MS = 1_100;

const CONTENDERS = ['cold', 'warm', 'floor', 'heavy', 'sends'] as const;

/** MiB that a process of `cold` has touched when it sends, and its threads. */
const AS_NODE = ['100', '10'];

const { values: flags } = parseArgs({
  options: {
    nodes: { type: 'string', default: '100' },
    links: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
  },
});

process.exitCode = await runAsRoot('bench:set', 'makes a lab and sets its links', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  try {
    const floor = compileProgram(folder, 'set', SOURCE);
    if (floor === null) throw new Error('no C compiler: there is no floor to compare with');
    const file = join(folder, 'lab.json');
    const shape = ['--nodes', flags.nodes, '--links', flags.links, '--lab', LAB, '--format', 'json'];
    writeFileSync(file, await linkloom(['generate', 'circulant', ...shape]));
    await linkloom(['up', '--progress', 'quiet', '-f', file]);
    try {
      await untilQuiet();
      report(await measure(file, floor));
    } finally {
      await linkloom(['down', '--progress', 'quiet', '--lab', LAB]);
    }
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Samples = Record<Change, Record<(typeof CONTENDERS)[number], number[]>>;

/** The same changes by turns, from the same state. A first round warms up what can be. */
async function measure(file: string, floor: string): Promise<Samples> {
  const none = (): Samples[Change] => ({ cold: [], warm: [], floor: [], heavy: [], sends: [] });
  const samples: Samples = { down: none(), up: none(), rate: none() };
  const inputs = new Map<Change, Record<'floor' | 'sends', string>>();
  const ways = {
    cold: async (change: Change) => Number(await runProgram(process.execPath, [SET_ONCE, file, change], '')),
    warm: (change: Change) => setAll(file, change),
    floor: async (change: Change) => Number(await runProgram(floor, [], inputs.get(change)?.floor ?? '')),
    heavy: async (change: Change) => Number(await runProgram(floor, AS_NODE, inputs.get(change)?.floor ?? '')),
    sends: async (change: Change) => Number(await runProgram(floor, [], inputs.get(change)?.sends ?? '')),
  };
  for (let round = 0; round <= Number(flags.rounds); round++) {
    // Each is the first in turn: who comes after another finds the kernel as that one has left it.
    for (const contender of [
      ...CONTENDERS.slice(round % CONTENDERS.length),
      ...CONTENDERS.slice(0, round % CONTENDERS.length),
    ]) {
      for (const change of Object.keys(CHANGES) as Change[]) {
        await setTimeout(PAUSE_MS);
        const tookMs = await ways[contender](change);
        if (!inputs.has(change)) inputs.set(change, inputsOf(file, change));
        if (round > 0) samples[change][contender].push(tookMs);
      }
      await reset(requestOf(file), { links: [] }, SILENT);
      await setTimeout(PAUSE_MS);
    }
  }
  return samples;
}

/** As `generate` prints a link. */
interface LinkEntry {
  readonly netns: string;
  readonly dev: string;
  readonly bridge: string;
}

/** As `ip -json link` prints it. */
interface Device {
  readonly ifindex: number;
  readonly ifname: string;
  readonly ifalias?: string;
}

/**
 * What the program in C reads to do to the devices what has just been done, with the marks that they have now. The order is that of the
 * file, and, as linkloom has it, the ends of each wire one after the other where they are set down; `sends`: a send for each namespace.
 * The order decides which wire has a carrier first, and so what the kernel does meanwhile.
 */
function inputsOf(file: string, change: Change): Record<'floor' | 'sends', string> {
  const { links } = JSON.parse(readFileSync(file, 'utf8')) as { readonly links: readonly LinkEntry[] };
  const devices = new Map([...new Set(links.map(({ netns }) => netns))].map((netns) => [netns, devicesOf(netns)]));
  const lineOf = ({ netns, dev }: LinkEntry): string => {
    const device = devices.get(netns)?.get(dev);
    if (device === undefined) throw new Error(`${netns} has no ${dev}`);
    const { ifindex, ifalias } = device;
    if (change === 'rate') return `rate ${ifindex} ${TBF.bytesPerSec} ${TBF.burst} ${TBF.limit}`;
    return `${change} ${ifindex} ${ifalias ?? '='}`;
  };
  const spaces = [...grouped(links, ({ netns }) => netns)];
  const sends = spaces.flatMap(([netns, ends]) => [`node ${netns}`, ...ends.map(lineOf)]);
  const wires = [...grouped(links, ({ bridge }) => bridge).values()].flat();
  const alone = wires.flatMap((end) => [`node ${end.netns}`, lineOf(end)]);
  return { sends: textOf(sends), floor: textOf(change === 'down' ? alone : sends) };
}

function devicesOf(netns: string): ReadonlyMap<string, Device> {
  const text = execFileSync('ip', ['-json', '-n', netns, 'link'], { encoding: 'utf8' });
  return new Map((JSON.parse(text) as Device[]).map((device) => [device.ifname, device]));
}

function textOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function report(samples: Samples): void {
  const links = Number(flags.nodes) * Number(flags.links);
  const rows = Object.entries(samples).map(([change, samplesMs]) => ({
    change,
    medianMs: eachOf(samplesMs, median),
    leastMs: eachOf(samplesMs, (values) => Math.min(...values)),
    samplesMs,
  }));
  for (const { change, medianMs, leastMs } of rows) {
    const ratio = (ms: number, of: number): string => `${ms.toFixed(1)} ms (${(ms / of).toFixed(2)} ×)`;
    const text = ({ cold, warm, floor, heavy, sends }: typeof medianMs): string =>
      `cold ${ratio(cold, floor)}, warm ${ratio(warm, floor)}, floor ${floor.toFixed(1)} ms, as heavy ${ratio(heavy, floor)}, fewest sends ${ratio(sends, floor)}`;
    process.stdout.write(
      `${change.padEnd(5)} ${links} links, median: ${text(medianMs)}\n${' '.repeat(6)}least: ${text(leastMs)}\n`,
    );
  }
  process.stdout.write(`kept in ${saveResult('set', { machine: machine(), links, rows })}\n`);
}

function eachOf(
  samplesMs: Samples[Change],
  figure: (values: readonly number[]) => number,
): Record<(typeof CONTENDERS)[number], number> {
  const { cold, warm, floor, heavy, sends } = samplesMs;
  return {
    ...{ cold: figure(cold), warm: figure(warm) },
    ...{ floor: figure(floor), heavy: figure(heavy), sends: figure(sends) },
  };
}
