/** What `play` writes: a line for each moment, and one at the end; as text, or as JSON. */
import { counted } from '../../counted.ts';
import type { Failure } from '../../events.ts';
import { printPercent, printRateBits, printTimeUs } from '../../net/units.ts';
import { failureJson } from '../errors.ts';
import { printable } from '../escape.ts';
import type { Sink } from '../output.ts';

/** As a timeline has it, in plain numbers. */
type Change = 'reset' | object;

interface Told {
  /** The number of the step in the file, from 1. */
  readonly step: number;
  readonly name: string | null;
  readonly round: number;
  readonly change: Change;
  readonly links: readonly string[];
}

/** A moment, carried out: times in milliseconds from the beginning of the play. */
interface Step extends Told {
  readonly wantedMs: number;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly failures: readonly Failure[];
}

interface Play {
  readonly lab: string;
  readonly end: 'finished' | 'until' | 'interrupted' | 'failed';
  readonly steps: number;
  readonly lastedMs: number;
  readonly restored: readonly string[];
  readonly failures: readonly Failure[];
}

const ENDS = {
  finished: 'the end',
  until: 'the command has succeeded',
  interrupted: 'interrupted',
  failed: 'a step failed',
} as const satisfies Record<Play['end'], string>;

/** How amounts are written; others are plain numbers. */
const PRINTED: Readonly<Record<string, (value: number) => string>> = {
  ...{ delay: printTimeUs, jitter: printTimeUs, rate: printRateBits },
  ...{ loss: printPercent, duplicate: printPercent, corrupt: printPercent, reorder: printPercent },
};

/** Links that a line names; the rest is counted. */
const NAMED = 3;
const TIME_WIDTH = 11;

/** `    5.000 s  step 1: down: r1:eth1; begun +0.08 ms, done +0.61 ms`. */
export function stepLine(step: Step, paint: Sink['paint']): string {
  const { wantedMs, firstMs, lastMs, failures } = step;
  const after = (timeMs: number): string =>
    `${timeMs < wantedMs ? '-' : '+'}${Math.abs(timeMs - wantedMs).toFixed(2)} ms`;
  const times =
    firstMs === null || lastMs === null ? 'like that already' : `begun ${after(firstMs)}, done ${after(lastMs)}`;
  const failed = failures.length === 0 ? '' : paint('red', `; ${failures.length} failed`);
  return `${momentText(step, wantedMs)}; ${times}${failed}\n`;
}

/** A line of what will be done. */
export function foreseenLine(moment: Told & { readonly atMs: number }): string {
  return `${momentText(moment, moment.atMs)}\n`;
}

function momentText({ step, name, round, change, links }: Told, atMs: number): string {
  const time = `${(atMs / 1000).toFixed(3)} s`.padStart(TIME_WIDTH);
  const called = `step ${step}${name === null ? '' : ` (${printable(name)})`}${round > 1 ? `, round ${round}` : ''}`;
  return `${time}  ${called}: ${changeText(change)}${linksText(links)}`;
}

function linksText(links: readonly string[]): string {
  if (links.length === 0) return '';
  const named = links.slice(0, NAMED).map(printable).join(', ');
  return `: ${named}${links.length > NAMED ? ` and ${links.length - NAMED} more` : ''}`;
}

/** `down`, `delay 10ms, loss 1%`. */
function changeText(change: Change): string {
  return Object.entries(changeJson(change))
    .map(([key, value]) => (value === true ? key : `${key} ${value}`))
    .join(', ');
}

/** As a timeline writes it: `{down: true, delay: '10ms'}`. */
function changeJson(change: Change): Record<string, unknown> {
  if (change === 'reset') return { reset: true };
  return Object.fromEntries(
    Object.entries(change).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const print = PRINTED[key];
      return [[key, typeof value === 'number' && print !== undefined ? print(value) : value]];
    }),
  );
}

/** A line of `play --json` for each moment. */
export function stepJson({ step, name, round, change, links, wantedMs, firstMs, lastMs, failures }: Step): object {
  return {
    ...{ schemaVersion: 1, type: 'step', step, name, round, set: changeJson(change), links },
    ...{ wantedMs: fine(wantedMs), firstMs: fine(firstMs), lastMs: fine(lastMs) },
    failures: failures.map(failureJson),
  };
}

/** A line of `play --dry-run --json`. */
export function foreseenJson({ step, name, round, change, links, atMs }: Told & { readonly atMs: number }): object {
  return {
    schemaVersion: 1,
    type: 'foreseen',
    step,
    name,
    round,
    set: changeJson(change),
    links,
    wantedMs: fine(atMs),
  };
}

/** The last line of `play --json`. */
export function playJson({ lab, end, steps, lastedMs, restored, failures }: Play): object {
  return {
    ...{ schemaVersion: 1, type: 'end', lab, end, steps, lastedMs: fine(lastedMs), restored },
    failures: failures.map(failureJson),
  };
}

/** Microseconds are enough. */
function fine(timeMs: number | null): number | null {
  return timeMs === null ? null : Math.round(timeMs * 1000) / 1000;
}

/** What `play` has done, as the text of a notice, which has no colours. */
export function playText({ lab, end, steps, lastedMs, restored, failures }: Play): string {
  const back =
    restored.length === 0
      ? 'all links are as they were found'
      : `${counted(restored.length, 'link')} put back as found`;
  const failed = failures.length === 0 ? '' : `, ${failures.length} failed`;
  const seconds = (Math.max(0, lastedMs) / 1000).toFixed(1);
  return `lab ${lab}: ${ENDS[end]} after ${seconds} s and ${counted(steps, 'step')}; ${back}${failed}`;
}
