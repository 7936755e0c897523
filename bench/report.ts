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

/** What one contender took once. */
export interface Sample {
  /** The links alone: without the start of programs, reading and planning, where that can be told apart. */
  readonly linksMs: number;
  /** The whole command, or all commands that it takes. */
  readonly wallMs: number;
  /** CPU time of all its processes, user and system. */
  readonly cpuMs: number;
}

export interface Row {
  readonly name: string;
  /** Of the links alone, as are the next five. */
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly perLinkUs: number;
  /** The median of this contender divided by linkloom's. */
  readonly ratio: number;
  readonly samplesMs: readonly number[];
  /** Medians of the whole command, and its wall time divided by that of linkloom's. */
  readonly whole: { readonly wallMs: number; readonly cpuMs: number; readonly ratio: number };
  readonly samples: readonly Sample[];
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
  samples: ReadonlyMap<string, readonly Sample[]>,
  base: string,
  linkCount: number,
): readonly Row[] {
  const medianOf = (name: string, key: keyof Sample): number =>
    median((samples.get(name) ?? []).map((sample) => sample[key]));
  return [...samples].map(([name, own]) => {
    const samplesMs = own.map(({ linksMs }) => linksMs);
    const [medianMs, wallMs] = [medianOf(name, 'linksMs'), medianOf(name, 'wallMs')];
    return {
      name,
      medianMs,
      minMs: Math.min(...samplesMs),
      maxMs: Math.max(...samplesMs),
      perLinkUs: (medianMs * 1000) / linkCount,
      ratio: medianMs / medianOf(base, 'linksMs'),
      samplesMs,
      whole: { wallMs, cpuMs: medianOf(name, 'cpuMs'), ratio: wallMs / medianOf(base, 'wallMs') },
      samples: own,
    };
  });
}

/** The rows as a table for people. */
export function tableOf(rows: readonly Row[]): string {
  const head = [
    ...['contender', 'links ms', 'min–max ms', 'µs per link', '× linkloom'],
    ...['whole ms', 'whole CPU ms', '× linkloom'],
  ];
  const lines = rows.map(({ whole, ...row }) => [
    row.name,
    row.medianMs.toFixed(0),
    `${row.minMs.toFixed(0)}–${row.maxMs.toFixed(0)}`,
    row.perLinkUs.toFixed(0),
    row.ratio.toFixed(2),
    whole.wallMs.toFixed(0),
    whole.cpuMs.toFixed(0),
    whole.ratio.toFixed(2),
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
