/** Runs a program in a terminal (script(1) makes it, xterm.js reads what is written to it) and keeps each state of the screen. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import xterm from '@xterm/headless';

/** A piece of a line in one style, from column `x` on. */
export interface Run {
  readonly x: number;
  readonly text: string;
  /** One of the 16 colours of a terminal; null: that of ordinary text. */
  readonly colour: number | null;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

export type Row = readonly Run[];

/** All rows of the screen so long after the program was started. */
export interface State {
  readonly atMs: number;
  readonly rows: readonly Row[];
}

/** The width that programs are told. */
export const COLUMNS = 96;
/** So wide and high that nothing is wrapped and nothing scrolls. */
const SCREEN = { cols: 200, rows: 200 } as const;
/** A state that is replaced sooner than this is not worth a picture. */
const QUIET_MS = 30;

/**
 * The states of the screen while the program runs, the last one when it has ended. Throws if its exit status is not `status`, with what it
 * said.
 */
export async function record(
  words: readonly string[],
  { status, cwd, env }: { readonly status: number; readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<readonly State[]> {
  const screen = new xterm.Terminal({ ...SCREEN, allowProposedApi: true });
  const states: State[] = [];
  const startedMs = performance.now();
  const line = `stty cols ${COLUMNS} rows 40 && exec ${words.map(quoted).join(' ')}`;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let written = 0;
  const keep = (atMs: number): void => void states.push({ atMs, rows: rowsOf(screen) });
  for await (const chunk of child.stdout) {
    const atMs = performance.now() - startedMs;
    await new Promise<void>((resolve) => screen.write(chunk as Buffer, resolve));
    const mine = ++written;
    void delay(QUIET_MS).then(() => mine === written && keep(atMs));
  }
  const [found] = await ended;
  written += 1;
  keep(performance.now() - startedMs);
  if (found !== status) throw new Error(`${words.join(' ')}: exit ${found}\n${textOf(states.at(-1)?.rows ?? [])}`);
  return states;
}

/** The lines of rows, as a person reads them. */
export function textOf(rows: readonly Row[]): string {
  return rows
    .map((row) => row.reduce((line, { x, text }) => line.padEnd(x) + text, '').trimEnd())
    .join('\n')
    .trimEnd();
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function rowsOf(screen: xterm.Terminal): readonly Row[] {
  const rows: Row[] = [];
  for (let y = 0; y < SCREEN.rows; y++) rows.push(rowOf(screen, y));
  return rows.slice(0, rows.findLastIndex((row) => row.length > 0) + 1);
}

function rowOf(screen: xterm.Terminal, y: number): Row {
  const line = screen.buffer.active.getLine(y);
  const runs: Run[] = [];
  for (let x = 0; x < SCREEN.cols; x++) {
    const cell = line?.getCell(x);
    if (!cell?.getChars()) continue;
    const style = {
      colour: cell.isFgPalette() ? cell.getFgColor() : null,
      isBold: cell.isBold() !== 0,
      isDim: cell.isDim() !== 0,
    };
    const last = runs.at(-1);
    if (last && last.x + last.text.length === x && isAlike(last, style))
      runs[runs.length - 1] = { ...last, text: last.text + cell.getChars() };
    else runs.push({ x, text: cell.getChars(), ...style });
  }
  return runs.filter(({ text }) => text.trim() !== '');
}

function isAlike(a: Omit<Run, 'x' | 'text'>, b: Omit<Run, 'x' | 'text'>): boolean {
  return a.colour === b.colour && a.isBold === b.isBold && a.isDim === b.isDim;
}
