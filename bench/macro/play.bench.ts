/**
 * Measures how long after its time the first message of a step comes, and how long a step takes: 200 steps on a lab of 400 links, each of
 * which sets the MTU of a node's links, or all links of a node down and up. Once as the command plays it, and once as a daemon does that
 * has the lab.
 *
 * `npm run bench:play -- [--steps N] [--every MS] [--nodes N] [--links M]`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runAsRoot } from '../as-root.ts';
import { untilQuiet } from '../quiet.ts';
import { machine, saveResult } from '../report.ts';
import { linkloom } from '../rivals/linkloom.ts';
import { Daemon } from './daemon-process.ts';

const LAB = 'bench-play';
/** No engine: all nodes are namespaces. */
const NO_SOCKET = '/nowhere';

interface Told {
  readonly type: string;
  readonly links: readonly string[];
  readonly wantedMs: number;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
}

const { values: flags } = parseArgs({
  options: {
    steps: { type: 'string', default: '200' },
    every: { type: 'string', default: '50' },
    nodes: { type: 'string', default: '100' },
    links: { type: 'string', default: '4' },
  },
});

process.exitCode = await runAsRoot('bench:play', 'makes a lab and plays on it', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  try {
    const { nodes, links } = flags;
    const shape = ['--nodes', nodes, '--links', links, '--lab', LAB, '--format', 'json'];
    const [file, timeline] = [join(folder, 'lab.json'), join(folder, 'timeline.json')];
    writeFileSync(file, await linkloom(['generate', 'circulant', ...shape]));
    writeFileSync(
      timeline,
      JSON.stringify({ steps: stepsOf(Number(flags.steps), Number(flags.every), Number(nodes)) }),
    );
    await linkloom(['up', '--progress', 'quiet', '-f', file]);
    try {
      const play = () => linkloom(['play', timeline, '-f', file, '--json', '--progress', 'quiet']);
      await untilQuiet();
      const command = figuresOf(await play());
      await using _daemon = await Daemon.start(NO_SOCKET, file);
      await untilQuiet();
      report({ command, daemon: figuresOf(await play()) });
    } finally {
      await linkloom(['down', '--progress', 'quiet', '--lab', LAB]);
    }
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One node after the other: its links get another MTU, go down, and come up. */
function stepsOf(count: number, everyMs: number, nodes: number): readonly object[] {
  const changes = [{ mtu: 1400 }, { down: true }, { up: true }];
  return Array.from({ length: count }, (_, at) => ({
    ...{ at: `${(at + 1) * everyMs}ms`, links: `n${Math.floor(at / changes.length) % nodes}:*` },
    ...changes[at % changes.length],
  }));
}

interface Figures {
  readonly steps: number;
  /** From the time of a step to its first message. */
  readonly lateMs: Quantiles;
  /** From its first message to its last acknowledgement. */
  readonly tookMs: Quantiles;
}

function figuresOf(lines: string): Figures {
  const steps = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Told)
    .filter(({ type }) => type === 'step');
  const late = steps.flatMap(({ wantedMs, firstMs }) => (firstMs === null ? [] : [firstMs - wantedMs]));
  const took = steps.flatMap(({ firstMs, lastMs }) => (firstMs === null || lastMs === null ? [] : [lastMs - firstMs]));
  return { steps: late.length, lateMs: quantiles(late), tookMs: quantiles(took) };
}

function report(by: { readonly command: Figures; readonly daemon: Figures }): void {
  const links = Number(flags.nodes) * Number(flags.links);
  const path = saveResult('play', { machine: machine(), links, ...by });
  const text = ({ p50, p95, max }: Quantiles): string =>
    `p50 ${p50.toFixed(3)} ms, p95 ${p95.toFixed(3)} ms, max ${max.toFixed(3)} ms`;
  for (const [who, { steps, lateMs, tookMs }] of Object.entries(by)) {
    process.stdout.write(`played by the ${who}\n`);
    process.stdout.write(`  first message behind its time, of ${steps} steps: ${text(lateMs)}\n`);
    process.stdout.write(`  from the first message to the last acknowledgement: ${text(tookMs)}\n`);
  }
  process.stdout.write(`kept in ${path}\n`);
}

interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
