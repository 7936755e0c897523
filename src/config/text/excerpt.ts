/**
 * Finds the line and column of an offset, and makes the excerpt that a fault shows: one line of the text, with a caret under the
 * position.
 */

const WIDTH = 80;
/** How many columns to the left of the caret stay visible if the line is cut. */
const LEAD = 30;

/** The offsets at which lines begin, computed on first use. */
export function lineStartsOf(text: string): () => readonly number[] {
  let starts: number[] | undefined;
  return () => {
    if (starts === undefined) {
      starts = [0];
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    }
    return starts;
  };
}

/** The line (from 1) of an offset, by binary search. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** A text in quotes, a word, or else one character. */
const WORD = /"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[^\s,:{}[\]"']+|[^\n]/y;

/** The offset after the word that begins at an offset; at the end of a line, the offset itself. */
export function wordEnd(text: string, offset: number): number {
  WORD.lastIndex = offset;
  return WORD.test(text) ? WORD.lastIndex : offset;
}

/**
 * The line that begins at `start`, with a caret under `offset`, both cut to 80 columns. Control characters are replaced by visible
 * ones.
 */
export function excerptAt(text: string, start: number, offset: number): string {
  const newline = text.indexOf('\n', start);
  const end = newline === -1 ? text.length : newline;
  const column = Math.min(Math.max(offset, start), end) - start;
  const from = column < WIDTH - 2 ? 0 : column - LEAD;
  const to = Math.min(end - start, from + WIDTH);
  let line = visible(text.slice(start + from, start + to)).trimEnd();
  if (from > 0) line = `…${line.slice(1)}`;
  if (to < end - start) line = `${line.slice(0, WIDTH - 1)}…`;
  return `${line}\n${' '.repeat(column - from)}^`;
}

/** Characters that act on a terminal: control characters, and marks that change the direction of text. */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text with one column per UTF-16 unit, and without characters that act on a terminal. */
function visible(text: string): string {
  return text.replace(/[\t\r]/g, ' ').replace(OBEYED, '·');
}

/** A value as messages quote it: JSON, cut to 40 characters. */
export function quote(value: unknown): string {
  return shortened(JSON.stringify(value) ?? String(value));
}

/** A text as messages show it: cut to 40 characters, or to `most`. */
export function shortened(text: string, most = 40): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return visible(cut);
}
