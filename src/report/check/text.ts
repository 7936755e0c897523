/** What checks have come to, for people. */
import type { CheckFailure, CheckReport, CheckResult, PairsResult } from '../../check/report.ts';
import { counted } from '../../counted.ts';
import { grouped } from '../../grouped.ts';
import { placeOf } from '../diagnostics.ts';
import { printable } from '../escape.ts';
import type { Sink } from '../output.ts';
import { type Column, table } from '../table.ts';
import { lineOf } from './json.ts';

/** How many failures of a check, nodes of the pairs and names in a line are told. The others are counted. */
const TOLD = { failures: 10, nodes: 20, names: 6 } as const;

const COLUMNS: readonly Column[] = [
  { title: 'CHECK', shrink: true },
  { title: 'KIND' },
  { title: 'HELD' },
  { title: 'PAIRS', align: 'right' },
  { title: 'TOOK', align: 'right' },
];

/** What failed and why, then how much was tried; with `every` also a table of all checks. */
export function checkText(report: CheckReport, every: boolean, sink: Sink): string {
  const { lab, checks, allPairs } = report;
  const { paint } = sink;
  const parts = checks.filter(({ isHeld }) => !isHeld).map((check) => failedText(check, paint));
  if (allPairs !== null) parts.push(pairsText(allPairs, paint));
  if (every && checks.length > 0) parts.push(table(COLUMNS, checks.map(rowOf), sink));
  const told: string[] = [];
  if (checks.length > 0) {
    const failed = checks.filter(({ isHeld }) => !isHeld).length;
    const line = `lab ${lab}: ${counted(checks.length, 'check')}: ${checks.length - failed} ok, ${failed} failed`;
    told.push(failed > 0 ? paint('red', line) : line);
  }
  if (allPairs !== null) {
    const { pairs, reached, tookMs, nodes, isLoopbacks } = allPairs;
    const of = isLoopbacks ? 'loopbacks' : 'nodes';
    const line = `lab ${lab}: ${reached} of ${counted(pairs, 'pair')} of ${of} reached, ${counted(nodes.length, 'node')}, ${(tookMs / 1000).toFixed(1)} s`;
    told.push(reached < pairs ? paint('red', line) : line);
  }
  if (told.length === 0) told.push(`lab ${lab}: nothing to check: no node that is meant is in a check`);
  return `${parts.join('')}${told.join('\n')}\n`;
}

function failedText({ name, failures, where }: CheckResult, paint: Sink['paint']): string {
  const place = where === null ? '' : `${placeOf(where)}: `;
  const lines = failures.slice(0, TOLD.failures).map((failure) => `    ${printable(lineOf(failure))}\n`);
  const more = failures.length - lines.length;
  const rest = more > 0 ? `    and ${more} more\n` : '';
  return `${paint('red', 'FAILED: ')}${place}${printable(name)}\n${lines.join('')}${rest}`;
}

/** A line for each node and reason: `r1 does not reach r2, r3 and 4 more: no route`. */
function pairsText({ nodes }: PairsResult, paint: Sink['paint']): string {
  const failed = nodes.filter(({ failures }) => failures.length > 0);
  const lines = failed.slice(0, TOLD.nodes).map(({ node, pairs, reached, failures }) => {
    const head = reached === 0 ? `${node} reaches none of ${pairs}` : `${node} reaches ${reached} of ${pairs}`;
    const reasons = [...grouped(failures, reasonOf)].map(
      ([why, some]) => `    ${printable(`not ${namesText(some.map(({ to }) => to))}: ${why}`)}\n`,
    );
    return `${paint('red', 'FAILED: ')}${printable(head)}\n${reasons.join('')}`;
  });
  const more = failed.length - lines.length;
  return `${lines.join('')}${more > 0 ? `and ${counted(more, 'more node')}\n` : ''}`;
}

/** Without the address, which differs for each. */
function reasonOf({ why }: CheckFailure): string {
  return why.replace(/^[0-9a-f.:]+: /, '');
}

function namesText(names: readonly string[]): string {
  const more = names.length - TOLD.names;
  return `${names.slice(0, TOLD.names).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function rowOf({ name, kind, isHeld, pairs, tookMs }: CheckResult): string[] {
  return [name, kind, isHeld ? 'yes' : 'no', String(pairs), `${(tookMs / 1000).toFixed(1)} s`].map(printable);
}
