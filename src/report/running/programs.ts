/** The programs of `run:` in `status` and `plan`. */
import type { ProgramReport } from '../../events.ts';
import { printable } from '../escape.ts';
import type { Sink } from '../output.ts';
import { type Column, table } from '../table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'PROGRAM' },
  { title: 'STATE' },
  { title: 'RESTARTS', align: 'right' },
  { title: 'LOG' },
  { title: 'DRIFT', shrink: true },
  { title: 'LAST WORDS', shrink: true },
];

export function programTable(programs: readonly ProgramReport[], sink: Sink): string {
  const rows = programs.map((program) =>
    [
      `${program.node}/${program.name}`,
      stateText(program),
      String(program.restarts),
      program.log,
      program.drift.join('; '),
      program.lastWords ?? '',
    ].map(printable),
  );
  return table(COLUMNS, rows, sink);
}

function stateText({ state, pid, restartsAt }: ProgramReport): string {
  if (state === 'running') return `running, pid ${pid}`;
  if (state !== 'restarting' || restartsAt === null) return state;
  const leftS = Math.max(0, Math.ceil((Date.parse(restartsAt) - Date.now()) / 1000));
  return `starts again in ${leftS} s`;
}

const SYMBOLS = { start: '+', restart: '~', 'take over': '~', end: '-' } as const;
const COLOURS = { '+': 'green', '~': 'yellow', '-': 'red', '!': 'red' } as const;

/** The programs that differ, as lines of a plan; empty: none does. */
export function programPlanText(programs: readonly ProgramReport[], paint: Sink['paint']): string {
  const lines = programs.flatMap(({ node, name, change, drift }) => {
    if (drift.length === 0) return [];
    const symbol = change === null ? '!' : SYMBOLS[change];
    const words = printable(`${(change ?? 'stays ended').padEnd(11)} ${node}/${name}`);
    return [`  ${paint(COLOURS[symbol], symbol)} ${words}${paint('dim', `  # ${printable(drift.join('; '))}`)}\n`];
  });
  return lines.length === 0 ? '' : `${paint('bold', 'programs')}\n${lines.join('')}`;
}
