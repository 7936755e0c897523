/** What was set by hand, in `status` and `plan`, and the reports of `set` and `reset`. */
import { counted } from '../../counted.ts';
import type { Failure } from '../../events.ts';
import { Items } from '../../pieces.ts';
import type { LinkOverride, Override } from '../../plan/plan.ts';
import { failureJson } from '../errors.ts';
import { printable } from '../escape.ts';
import type { Sink } from '../output.ts';
import { type Column, table } from '../table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'SET BY HAND' },
  { title: 'END' },
  { title: 'SETTING' },
  { title: 'WANTED', shrink: true },
  { title: 'ACTUAL', shrink: true },
];

/** A table of overrides: what is wanted, and what is there. */
export function overrideTable(overrides: readonly LinkOverride[], sink: Sink): string {
  const rows = overrides.map(({ link, end, setting, wanted, actual }) =>
    [link, end, setting, wanted ?? '-', actual].map(printable),
  );
  return table(COLUMNS, rows, sink);
}

/** `override: NODE:DEV: state down, set by hand (configured: up)`, a line for each. */
export function overrideLines(overrides: readonly LinkOverride[]): string {
  return overrides.map((one) => `override: ${printable(`${one.link}: ${overrideText(one)}`)}\n`).join('');
}

function overrideText({ end, setting, wanted, actual }: Override): string {
  const configured = wanted === null ? '' : ` (configured: ${wanted})`;
  return `${end === 'port' ? 'port ' : ''}${setting} ${actual}, set by hand${configured}`;
}

/** An override as JSON. */
export function overrideJson({ end, setting, wanted, actual }: Override): object {
  return { end, setting, wanted, actual };
}

interface EndReport {
  readonly link: string;
  readonly end: 'node' | 'port';
  readonly changes: readonly string[];
  readonly overrides: readonly Override[];
  readonly hasFailed: boolean;
}

/** What `set` and `reset` have done. */
export interface SetResult {
  readonly lab: string;
  readonly ends: readonly EndReport[];
  readonly missing: readonly string[];
  readonly failures: readonly Failure[];
}

/**
 * One line that counts what `set` or `reset` has done, and what is not there. Each change and each failure has been told before. It is said as
 * a notice, whose text has no colours.
 */
export function setText(verb: 'set' | 'reset', { lab, ends, missing }: SetResult): string {
  const linksOf = (some: readonly EndReport[]): number => new Set(some.map(({ link }) => link)).size;
  const changed = linksOf(ends.filter(({ changes }) => changes.length > 0));
  const failed = linksOf(ends.filter(({ hasFailed }) => hasFailed));
  const same = linksOf(ends) - changed - failed;
  const parts = [`${counted(changed, 'link')} ${verb === 'set' ? 'set by hand' : 'as configured again'}`];
  if (same > 0) parts.push(verb === 'set' ? `${same} like that already` : `${same} not set by hand`);
  if (missing.length > 0) parts.push(`${missing.length} not there (${missing.join(', ')})`);
  if (failed > 0) parts.push(`${failed} failed`);
  return `lab ${lab}: ${parts.join(', ')}`;
}

/** The document of `set --json` and `reset --json`. */
export function setJson(verb: 'set' | 'reset', { lab, ends, missing, failures }: SetResult): object {
  return {
    schemaVersion: 1,
    verb,
    lab,
    links: new Items(ends, ({ link, end, changes, overrides, hasFailed }) => ({
      ...{ link, end, state: hasFailed ? 'failed' : changes.length > 0 ? 'changed' : 'unchanged', changes },
      overrides: overrides.map(overrideJson),
    })),
    missing,
    failures: failures.map(failureJson),
  };
}
