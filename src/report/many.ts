/** The output of many nodes at once: each line follows the name of its node, as in `docker compose logs`. Also a report on failures. */
import { counted } from '../counted.ts';
import { printable, printableLines } from './escape.ts';
import type { Format, Sink } from './output.ts';
import { type Column, table, widthOf } from './table.ts';

/** Widest column of names. A longer name shifts only its own lines. */
const WIDEST_NAME = 30;
const COLOURS: readonly Format[] = ['cyan', 'yellow', 'green', 'bold', 'red', 'dim'];

/** Writes lines of nodes to the two streams. */
export class PrefixedLines {
  readonly #prefixes: ReadonlyMap<string, string>;
  readonly #sinks: { readonly stdout: Sink; readonly stderr: Sink };

  constructor(nodes: readonly string[], out: Sink, err: Sink) {
    this.#sinks = { stdout: out, stderr: err };
    const width = Math.min(WIDEST_NAME, Math.max(0, ...nodes.map((node) => widthOf(printable(node)))));
    this.#prefixes = new Map(nodes.map((node) => [node, prefixOf(node, width)]));
  }

  /** Writes one line. Its text is not escaped: the program may colour it, as on a terminal. */
  write(node: string, stream: 'stdout' | 'stderr', text: string): void {
    const sink = this.#sinks[stream];
    const at = [...this.#prefixes.keys()].indexOf(node);
    const colour = COLOURS[at % COLOURS.length] ?? 'bold';
    sink.write(`${sink.paint(colour, this.#prefixes.get(node) ?? prefixOf(node, 0))} ${text}\n`);
  }
}

function prefixOf(node: string, width: number): string {
  const name = printable(node);
  return `${name}${' '.repeat(Math.max(0, width - widthOf(name)))} |`;
}

const COLUMNS: readonly Column[] = [
  { title: 'NODE' },
  { title: 'STATUS', align: 'right' },
  { title: 'WHY', shrink: true },
];

interface End {
  readonly node: string;
  readonly status: number | null;
  readonly error: string | null;
}

/** A line and a table of the nodes that failed; '' if none did. */
export function failedText(ends: readonly End[], sink: Sink): string {
  const failed = ends.filter(({ status }) => status !== 0);
  if (failed.length === 0) return '';
  const rows = failed.map(({ node, status, error }) => [
    printable(node),
    status === null ? '-' : String(status),
    printableLines(error ?? '').replaceAll('\n', ' '),
  ]);
  const head = sink.paint('red', `failed in ${failed.length} of ${counted(ends.length, 'node')}:`);
  return `${head}\n${table(COLUMNS, rows, sink)}`;
}

/** The last document of `exec --json`. Lines of type `output` and `end` come before it. */
export function endsJson(ends: readonly End[]): object {
  const failed = ends.filter(({ status }) => status !== 0).length;
  return { schemaVersion: 1, type: 'summary', nodes: ends, failed };
}
