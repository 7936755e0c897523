/**
 * Measures what labs cost as they grow: shapes × sizes, by linkloom and by the floor in turn, on a quiet kernel; start-up; numbers
 * of workers.
 *
 * `npm run bench:scale -- [--shape NAME]… [--size LINKS]… [--rounds R] [--workers N]…`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../../src/lab/bench/bench.ts';
import { runAsRoot } from '../as-root.ts';
import { removeAll } from '../quiet.ts';
import { machine, saveText } from '../report.ts';
import { compileFloor } from '../rivals/floor.ts';
import { SHAPES, type Shape, workFor } from '../shapes.ts';
import { measure } from './measure.ts';
import { pageOf, type ScaleRow, textOf } from './scale-report.ts';
import { measureStart } from './start.ts';

const { values: flags } = parseArgs({
  options: {
    shape: { type: 'string', multiple: true, default: ['circulant', 'direct', 'bridge'] },
    size: { type: 'string', multiple: true, default: ['100', '400', '1000', '4000', '10000'] },
    workers: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '3' },
    name: { type: 'string', default: 'scale' },
  },
});

process.exitCode = await runAsRoot('bench:scale', 'makes network namespaces', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  try {
    const floor = compileFloor(folder);
    const start = await measureStart(folder, Number(flags.rounds) * 3);
    const rows: ScaleRow[] = [];
    for (const { shape, size, workers } of cases()) {
      const row = await rowOf(shape, size, workers, floor);
      process.stderr.write(textOf([row]));
      rows.push(row);
    }
    const report = { machine: machine(), start, rows };
    process.stdout.write(textOf(rows, report));
    saveText(`${flags.name}.json`, `${JSON.stringify(report, null, 2)}\n`);
    process.stderr.write(`Kept in ${saveText(`${flags.name}.html`, pageOf(report))}\n`);
    return 0;
  } finally {
    await removeAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

function cases(): readonly { shape: Shape; size: number; workers: number | null }[] {
  const workers = flags.workers.length === 0 ? [null] : flags.workers.map(Number);
  return flags.shape.flatMap((name) => {
    const shape = SHAPES.find((known) => known === name);
    if (shape === undefined) throw new Error(`no shape ${name}: ${SHAPES.join(', ')}`);
    return flags.size.flatMap((size) => workers.map((count) => ({ shape, size: Number(size), workers: count })));
  });
}

async function rowOf(shape: Shape, size: number, workers: number | null, floor: string | null): Promise<ScaleRow> {
  const work = await workFor(shape, size);
  const args = workers === null ? [] : ['--workers', String(workers)];
  const samples = await measure(work, shape === 'patch' ? null : floor, Number(flags.rounds), args);
  const { up, again, down } = samples;
  return {
    ...{ shape, links: work.linkCount, workers, rounds: up.length },
    floorMs: samples.floorMs.length === 0 ? null : median(samples.floorMs),
    byHandMs: samples.byHandMs.length === 0 ? null : median(samples.byHandMs),
    loadMs: median(up.map((run) => run.loadMs)),
    observeMs: median(up.map((run) => run.observeMs)),
    planMs: median(up.map((run) => run.planMs)),
    applyMs: median(up.map((run) => run.applyMs)),
    upMs: median(up.map((run) => run.totalMs)),
    againMs: median(again.map((run) => run.totalMs)),
    downMs: median(down.map((run) => run.totalMs)),
    peakMiB: median(samples.peakMiB),
    samples,
  };
}
