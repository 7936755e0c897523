/** Turns samples into medians, spreads and ratios, and describes the machine. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineOf, median } from '../src/lab/bench/bench.ts';
import type { Machine as BenchMachine } from '../src/lab/bench/report.ts';

export interface Machine extends BenchMachine {
  readonly date: string;
  readonly iproute2: string;
}

export interface Row {
  readonly name: string;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly perLinkUs: number;
  /** The median of this contender divided by linkloom's. */
  readonly ratio: number;
  readonly samplesMs: readonly number[];
}

const RESULTS = fileURLToPath(new URL('../../bench/results/', import.meta.url));

export function machine(): Machine {
  return {
    date: new Date().toISOString(),
    ...machineOf(),
    iproute2: execFileSync('ip', ['-V'], { encoding: 'utf8' }).trim(),
  };
}

/** One row per contender. Ratios are against the contender called `base`. */
export function rowsOf(
  samples: ReadonlyMap<string, readonly number[]>,
  base: string,
  linkCount: number,
): readonly Row[] {
  const baseMs = median(samples.get(base) ?? []);
  return [...samples].map(([name, samplesMs]) => ({
    name,
    medianMs: median(samplesMs),
    minMs: Math.min(...samplesMs),
    maxMs: Math.max(...samplesMs),
    perLinkUs: (median(samplesMs) * 1000) / linkCount,
    ratio: median(samplesMs) / baseMs,
    samplesMs,
  }));
}

/** The rows as a table for people. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['contender', 'median ms', 'min–max ms', 'µs per link', '× linkloom'];
  const lines = rows.map((row) => [
    row.name,
    row.medianMs.toFixed(0),
    `${row.minMs.toFixed(0)}–${row.maxMs.toFixed(0)}`,
    row.perLinkUs.toFixed(0),
    row.ratio.toFixed(2),
  ]);
  const widths = head.map((_cell, column) => Math.max(...[head, ...lines].map((line) => (line[column] ?? '').length)));
  return [head, ...lines]
    .map((line) => line.map((cell, column) => pad(cell, widths[column] ?? 0, column > 0)).join('  '))
    .join('\n');
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}

/** Writes the result to bench/results/NAME.json. Returns the path. */
export function saveResult(name: string, result: object): string {
  return saveText(`${name}.json`, `${JSON.stringify(result, null, 2)}\n`);
}

/** Writes a text to bench/results/FILE. Returns the path. */
export function saveText(file: string, text: string): string {
  mkdirSync(RESULTS, { recursive: true });
  const path = join(RESULTS, file);
  writeFileSync(path, text);
  return path;
}
