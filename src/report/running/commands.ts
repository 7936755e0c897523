/** `running/` tells what runs in nodes: commands, and the programs of `run:`. This file: the table of a lab’s commands in `status` and `up`. */
import type { CommandReport } from '../../events.ts';
import { printable } from '../escape.ts';
import type { Sink } from '../output.ts';
import { type Column, table } from '../table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NODE' },
  { title: 'COMMAND', shrink: true },
  { title: 'STATE' },
  { title: 'LAST OUTPUT', shrink: true },
];

/** Most characters of a command or a line of output in a table. JSON has all of it. */
const CELL_CHARS = 60;

export function commandTable(commands: readonly CommandReport[], sink: Sink): string {
  const rows = commands.map((command) =>
    [command.node, commandText(command.argv), stateText(command), command.output.at(-1) ?? '']
      .map(printable)
      .map((cell) => (cell.length > CELL_CHARS ? `${cell.slice(0, CELL_CHARS - 1)}…` : cell)),
  );
  return table(COLUMNS, rows, sink);
}

/** The command as text: the shell's line as it was written, else the program and its arguments. */
function commandText(argv: readonly string[]): string {
  const [shell, option, line] = argv;
  return argv.length === 3 && shell === 'sh' && option === '-c' ? (line ?? '') : argv.join(' ');
}

function stateText({ state, pid, status, signal, error }: CommandReport): string {
  if (state === 'running') return pid === null ? 'running' : `running, pid ${pid}`;
  if (state === 'ended') return status === 0 ? 'done' : `ended, status ${status}`;
  if (state === 'killed') return `ended by ${signal}`;
  if (state === 'failed') return `failed: ${error}`;
  return state === 'unknown' ? 'ended, unseen' : 'not run';
}

export function commandJson(command: CommandReport): object {
  const { node, argv, state, pid, status, signal, error, startedAt, endedAt, output } = command;
  return { node, argv, state, pid, status, signal, error, startedAt, endedAt, output };
}
