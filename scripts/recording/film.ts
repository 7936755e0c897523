/** Lays scenes out in time: each command is typed, runs as long as it did, and stays long enough to be read. Pure. */
import type { Row, Run, State } from './terminal.ts';

export interface Take {
  /** The command line as it is typed. */
  readonly line: string;
  readonly states: readonly State[];
}

/** Rows that are on the screen from a time on. */
export interface Shot {
  readonly fromMs: number;
  /** null: to the end. */
  readonly untilMs: number | null;
  /** The number of the first row, from the top of all that was ever shown. */
  readonly top: number;
  readonly rows: readonly Row[];
}

/** A command line that is typed. */
export interface Typing {
  readonly row: number;
  /** The column of the first key. */
  readonly x: number;
  readonly keys: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Film {
  readonly shots: readonly Shot[];
  readonly typings: readonly Typing[];
  /** From when on so many rows are out of sight above. */
  readonly scrolls: readonly { readonly fromMs: number; readonly rows: number }[];
  readonly lastsMs: number;
  /** All lines, as they are at the end. */
  readonly text: readonly Row[];
}

const PROMPT = '# ';
const KEY_MS = 30;
const PAUSE_MS = 300;
/** Time to read what was said: some of it for anything, some for each line, and no more than this. */
const READ_MS = 900;
const READ_LINE_MS = 200;
const READ_AT_MOST_MS = 3500;
const END_MS = 2500;

/** `height`: how many rows can be seen at a time. */
export function filmOf(takes: readonly Take[], height: number): Film {
  const shots: Shot[] = [];
  const typings: Typing[] = [];
  const scrolls: { fromMs: number; rows: number }[] = [];
  const text: Row[] = [];
  let clockMs = 0;
  const show = (top: number, rows: readonly Row[], untilMs: number | null): void => {
    shots.push({ fromMs: clockMs, untilMs, top, rows });
    const hidden = Math.max(0, top + rows.length - height);
    if (hidden > (scrolls.at(-1)?.rows ?? 0)) scrolls.push({ fromMs: clockMs, rows: hidden });
  };
  for (const { line, states } of takes) {
    const row = text.length;
    text.push(promptRow(line));
    show(row, text.slice(row), null);
    const [fromMs, x] = [clockMs + PAUSE_MS, PROMPT.length];
    clockMs = fromMs + line.length * KEY_MS;
    typings.push({ row, x, keys: line.length, fromMs, untilMs: clockMs });
    clockMs += PAUSE_MS;
    const startedMs = clockMs;
    for (const [at, { atMs, rows }] of states.entries()) {
      const next = states[at + 1];
      clockMs = startedMs + atMs;
      if (rows.length > 0) show(row + 1, rows, next ? startedMs + next.atMs : null);
    }
    const said = states.at(-1)?.rows ?? [];
    text.push(...said);
    clockMs += said.length === 0 ? 0 : Math.min(READ_AT_MOST_MS, READ_MS + said.length * READ_LINE_MS);
  }
  return { shots, typings, scrolls, lastsMs: Math.round(clockMs + END_MS), text };
}

function promptRow(line: string): Row {
  const run = (x: number, text: string, isPrompt: boolean): Run => ({
    ...{ x, text, colour: isPrompt ? 2 : null },
    ...{ isBold: isPrompt, isDim: false },
  });
  return [run(0, PROMPT, true), run(PROMPT.length, line, false)];
}
