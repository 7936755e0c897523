/**
 * Measures how long others wait for RTNL, the kernel's one lock for changes of network devices, while a lab is made and removed. A probe
 * in C asks for the lock again and again. `ip -all netns delete` takes the same lab away beside it: it deletes namespaces with all that is
 * in them.
 *
 * `npm run bench:rtnl -- [--bridges N]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runAsRoot } from '../as-root.ts';
import { removeAll, untilQuiet } from '../quiet.ts';
import { machine, saveResult } from '../report.ts';
import { compileProgram } from '../rivals/floor.ts';
import { linkloom } from '../rivals/linkloom.ts';

const LAB = 'bench-rtnl';
const SOURCE = fileURLToPath(new URL('../../../bench/floor/rtnl-probe.c', import.meta.url));
const LINKS_PER_NODE = 4;

interface Row {
  readonly mode: string;
  readonly what: string;
  readonly wallMs: number;
  readonly medianUs: number;
  readonly p99Us: number;
  readonly worstMs: number;
}

const { values: flags } = parseArgs({ options: { bridges: { type: 'string', default: '2000' } } });

process.exitCode = await runAsRoot('bench:rtnl', 'makes network namespaces', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  try {
    const probe = compileProgram(folder, 'rtnl-probe', SOURCE);
    if (probe === null) throw new Error('no C compiler: the probe can not be made');
    const rows: Row[] = [];
    for (const mode of ['linux', 'patch', 'direct']) rows.push(...(await measureMode(folder, probe, mode)));
    report(rows);
    return 0;
  } finally {
    await removeAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureMode(folder: string, probe: string, mode: string): Promise<readonly Row[]> {
  const file = join(folder, `${mode}.json`);
  const nodes = String((Number(flags.bridges) * 2) / LINKS_PER_NODE);
  const words = ['--nodes', nodes, '--links', String(LINKS_PER_NODE), '--bridge-mode', mode, '--format', 'json'];
  writeFileSync(file, await linkloom(['generate', 'circulant', ...words]));
  const up = (): Promise<string> => linkloom(['up', '--lab', LAB, '-f', file]);
  const rows = [
    await watched(probe, mode, 'up', up),
    await watched(probe, mode, 'down', () => linkloom(['down', '--lab', LAB])),
  ];
  await up();
  rows.push(await watched(probe, mode, '`ip -all netns delete`', removeAll));
  return rows;
}

/** Runs `work` beside the probe, until the kernel has finished all of it. */
async function watched(probe: string, mode: string, what: string, work: () => Promise<unknown>): Promise<Row> {
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
  const [, median = 0, p99 = 0, worst = 0] = said.trim().split(' ').map(Number);
  return { mode, what, wallMs, medianUs: median, p99Us: p99, worstMs: worst / 1000 };
}

function report(rows: readonly Row[]): void {
  const title = `others' waits for RTNL, ${flags.bridges} two-ended domains`;
  const header = machine();
  const lines = rows.map(({ mode, what, wallMs, medianUs, p99Us, worstMs }) => {
    const cells = [(wallMs / 1000).toFixed(1), medianUs, (p99Us / 1000).toFixed(1), worstMs.toFixed(0)];
    return `| ${[mode, what, ...cells].join(' | ')} |`;
  });
  process.stdout.write(`${title}
${header.cpu} × ${header.cpus}, ${header.memoryGiB} GiB, Linux ${header.kernel}, Node ${header.node}

| mode | what | takes s | median µs | p99 ms | worst ms |
| --- | --- | ---: | ---: | ---: | ---: |
${lines.join('\n')}
`);
  process.stderr.write(`\nKept in ${saveResult('rtnl', { title, machine: header, rows })}\n`);
}
