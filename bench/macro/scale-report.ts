/** Writes the tables and the page of `scale.bench.ts`. */
import { machineLine } from '../../src/report/chart/bench.ts';
import { curveSvg } from '../../src/report/chart/curve.ts';
import { pageHtml } from '../../src/report/chart/page.ts';
import { stackedSvg } from '../../src/report/chart/stacked.ts';
import type { Machine } from '../report.ts';
import type { Samples } from './measure.ts';
import type { Start } from './start.ts';

/** Medians for one shape and size, in milliseconds. */
export interface ScaleRow {
  readonly shape: string;
  readonly links: number;
  /** null for the default. */
  readonly workers: number | null;
  readonly rounds: number;
  readonly floorMs: number | null;
  readonly byHandMs: number | null;
  readonly loadMs: number;
  readonly observeMs: number;
  readonly planMs: number;
  readonly applyMs: number;
  readonly upMs: number;
  readonly againMs: number;
  readonly downMs: number;
  readonly peakMiB: number;
  readonly samples: Samples;
}

export interface ScaleReport {
  readonly machine: Machine;
  readonly start: readonly Start[];
  readonly rows: readonly ScaleRow[];
}

const HEAD = [
  ...['shape', 'links', 'workers', 'floor ms', 'apply ms', '× floor', 'µs per link', 'up ms', 'outside apply ms'],
  ...['again ms', 'again %', 'down ms', 'by hand ms', '× by hand', 'peak MiB'],
];

function cellsOf(row: ScaleRow): readonly string[] {
  const over = (ms: number, base: number | null): string => (base === null ? '–' : (ms / base).toFixed(2));
  const whole = (ms: number | null): string => (ms === null ? '–' : ms.toFixed(0));
  return [
    ...[row.shape, String(row.links), row.workers === null ? 'default' : String(row.workers), whole(row.floorMs)],
    ...[whole(row.applyMs), over(row.applyMs, row.floorMs), whole((row.applyMs * 1000) / row.links), whole(row.upMs)],
    ...[whole(row.upMs - row.applyMs), whole(row.againMs), whole((100 * row.againMs) / row.upMs), whole(row.downMs)],
    ...[whole(row.byHandMs), over(row.downMs, row.byHandMs), whole(row.peakMiB)],
  ];
}

const START_HEAD = ['program', 'ms', 'ms over node -e 0', 'CPU ms', 'CPU ms over node -e 0'];

function startCells({ name, wallMs, cpuMs }: Start, base: Start | undefined): readonly string[] {
  const over = (ms: number, of: number | undefined): string => (ms - (of ?? 0)).toFixed(0);
  return [name, wallMs.toFixed(0), over(wallMs, base?.wallMs), cpuMs.toFixed(0), over(cpuMs, base?.cpuMs)];
}

/** Markdown tables. With a report, its heading and the start-up times too. */
export function textOf(rows: readonly ScaleRow[], report: ScaleReport | null = null): string {
  const table = markdown(HEAD, rows.map(cellsOf));
  if (report === null) return table;
  const start = markdown(
    START_HEAD,
    report.start.map((one) => startCells(one, report.start[0])),
  );
  return `${machineLine(report.machine)}, ${report.machine.date}\n\n${start}\n${table}`;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('');
}

export function pageOf({ machine, start, rows }: ScaleReport): string {
  const names = [...new Set(rows.map(({ shape }) => shape))];
  const pointsOf = (shape: string, msOf: (row: ScaleRow) => number | null) =>
    rows
      .filter((row) => row.shape === shape)
      .flatMap((row) => {
        const y = msOf(row);
        return y === null ? [] : [{ x: row.links, y: (y * 1000) / row.links }];
      });
  const series = names.flatMap((shape) => [
    { name: shape, points: pointsOf(shape, (row) => row.applyMs) },
    { name: `${shape}, floor in C`, points: pointsOf(shape, (row) => row.floorMs) },
  ]);
  const axes = { xLabel: 'links', yLabel: 'µs per link' };
  const parts = ['load', 'observe', 'plan', 'apply', 'rest'];
  const bars = rows.map((row) => {
    const stages = [row.loadMs, row.observeMs, row.planMs, row.applyMs];
    const rest = row.upMs - stages.reduce((sum, ms) => sum + ms, 0);
    return { name: `${row.shape} ${row.links}`, values: [...stages, Math.max(0, rest)] };
  });
  const startRows = start.map((one) => startCells(one, start[0]));
  const facts = [machineLine(machine), machine.date, 'Milliseconds are of one machine: compare ratios.'];
  return pageHtml('linkloom: what links cost', facts, [
    { heading: 'Cost of a link while it is made', figures: [curveSvg({ title: 'apply, per link', ...axes, series })] },
    { heading: 'Stages of up', figures: [stackedSvg({ title: 'first up', unit: 'ms', parts, bars })] },
    { heading: 'Figures', table: { head: HEAD, rows: rows.map(cellsOf) } },
    { heading: 'Start-up', table: { head: START_HEAD, rows: startRows } },
  ]);
}
