/** What `bench` found, as a table for people and as a page. */

import { counted } from '../../counted.ts';
import type { Timings } from '../../events.ts';
import { type BenchReport, type Machine, STEPS, type Step } from '../../lab/bench/report.ts';
import type { Sink } from '../output.ts';
import { type Column, table } from '../table.ts';
import { pageHtml } from './page.ts';
import { stackedSvg } from './stacked.ts';

const NAMES: Readonly<Record<Step, string>> = { up: 'up', again: 'up again', down: 'down' };

const PARTS = ['load', 'observe', 'plan', 'apply', 'rest'] as const;

const COLUMNS: readonly Column[] = [
  { title: 'STEP' },
  ...[...PARTS, 'whole'].map((title): Column => ({ title: title.toUpperCase(), align: 'right' })),
  // Units keep their case: a capital µ is another letter, and a capital s another unit.
  { title: 'µs PER LINK', align: 'right' },
];

/** One line about the machine. */
export function machineLine({ cpu, cpus, memoryGiB, kernel, node }: Machine): string {
  return `${cpu} × ${cpus}, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}`;
}

/** Milliseconds of each stage in the order of the columns. The last one is the rest: the start and the end of the process. */
function partsOf({ loadMs, observeMs, planMs, applyMs, totalMs }: Timings): readonly number[] {
  return [loadMs, observeMs, planMs, applyMs, Math.max(0, totalMs - loadMs - observeMs - planMs - applyMs)];
}

function rowsOf({ medians, links }: BenchReport): readonly (readonly string[])[] {
  return STEPS.map((step) => {
    const timings = medians[step];
    const parts = [...partsOf(timings), timings.totalMs].map((ms) => ms.toFixed(ms < 10 ? 1 : 0));
    return [NAMES[step], ...parts, ((timings.totalMs * 1000) / links).toFixed(0)];
  });
}

function titleOf({ shape, nodes, links, rounds }: BenchReport): string {
  const times = rounds.length === 1 ? 'one run' : `medians of ${rounds.length} runs`;
  return `${shape}, ${counted(nodes, 'node')}, ${counted(links, 'link')}, ${times}, in milliseconds`;
}

export function benchText(report: BenchReport, sink: Sink): string {
  return `${titleOf(report)}\n${machineLine(report.machine)}\n\n${table(COLUMNS, rowsOf(report), sink)}`;
}

export function benchHtml(report: BenchReport): string {
  const bars = STEPS.map((step) => ({ name: NAMES[step], values: partsOf(report.medians[step]) }));
  const figure = stackedSvg({ title: 'Where the time goes', unit: 'ms', parts: PARTS, bars });
  const head = COLUMNS.map(({ title }) => title.toLowerCase());
  const section = { heading: titleOf(report), figures: [figure], table: { head, rows: rowsOf(report) } };
  return pageHtml('linkloom bench', [machineLine(report.machine)], [section]);
}
