/** Tables of text. Columns are padded to their widest cell, and cut only if the terminal is too narrow. */
import { stripVTControlCharacters } from 'node:util';
import type { Sink } from './output.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Whether the column may be cut, with `…`, if the terminal is too narrow. It keeps at least 8 cells. */
  readonly shrink?: boolean;
}

/** Characters that take two terminal cells: the common blocks of East Asian Wide (UAX #11) and of emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const MARK = /\p{M}/u;
/** Text of which each character takes one cell, as nearly all is. */
const NARROW = /^[ -~]*$/;
const SHRINK_LEAST = 8;
const GAP = '  ';

/** Width in terminal cells. Escape sequences have no width. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (MARK.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Cuts plain text to a width in cells. The last cell of a cut text is `…`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const wide = widthOf(character);
    if (used + wide > width - 1) break;
    kept += character;
    used += wide;
  }
  return `${kept}…`;
}

/** The table's lines, each with its line break. Cells must be printable text of one line, uncoloured. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], sink: Sink): string {
  return [...tablePieces(columns, rows, (row) => row, sink)].join('');
}

/** The same line by line. `rowOf` is asked twice for each row, so that a long table is never there as a whole. */
export function* tablePieces<T>(
  columns: readonly Column[],
  items: readonly T[],
  rowOf: (item: T) => readonly string[],
  sink: Sink,
): Generator<string> {
  const natural = columns.map((column) => widthOf(column.title));
  for (const item of items) {
    for (const [index, cell] of rowOf(item).entries()) natural[index] = Math.max(natural[index] ?? 0, widthOf(cell));
  }
  const widths = fit(columns, natural, sink.isTTY ? sink.columns() : Number.POSITIVE_INFINITY);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join(GAP)
      .trimEnd();
  yield `${sink.paint('bold', line(columns.map((column) => column.title)))}\n`;
  for (const item of items) yield `${line(rowOf(item))}\n`;
}

/** Narrows the widest column that may shrink by one cell, again and again until the table fits. */
function fit(columns: readonly Column[], widths: readonly number[], available: number): number[] {
  const fitted = [...widths];
  let excess = fitted.reduce((sum, width) => sum + width, GAP.length * (columns.length - 1)) - available;
  while (excess > 0) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const width = fitted[index] ?? 0;
      if (column.shrink && width > SHRINK_LEAST && width > (fitted[widest] ?? 0)) widest = index;
    }
    if (widest < 0) break;
    fitted[widest] = (fitted[widest] ?? 0) - 1;
    excess -= 1;
  }
  return fitted;
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const text = cut(cell, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}
