import { spawnSync } from 'node:child_process';
import { SystemFault } from './netlink/fault.ts';
import { atUsualPriority } from './priority.ts';

/** For users whose PATH leaves them out. */
const SYSTEM_FOLDERS = '/usr/local/sbin:/usr/sbin:/sbin';
/** Of programs that answer at once. */
const TIMEOUT_MS = 20_000;
/** Most lines of a program's complaint that an error carries. */
const LINES = 3;

/**
 * Runs a program to its end, in the network namespace that the thread is in, and returns what it wrote. Its words go to it as
 * they are, never through a shell. Throws SystemFault: `exec` ENOENT if there is none, else with what it said as detail.
 */
export function runProgram(program: string, words: readonly string[], input = ''): string {
  const options = { input, stdout: 'pipe', timeoutMs: TIMEOUT_MS, env: { LC_ALL: 'C' } } as const;
  return runToEnd(program, words, options, (stderr) =>
    stderr
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, LINES),
  );
}

export interface ProgramOptions {
  /** null: it has nothing to read. */
  readonly input: string | null;
  /** `ignore` for daemons, which keep what they inherit. */
  readonly stdout: 'pipe' | 'ignore';
  readonly timeoutMs: number;
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The same with all its options; `complaint` makes the lines that an error carries of what it wrote to standard error. */
export function runToEnd(
  program: string,
  words: readonly string[],
  { input, stdout, timeoutMs, env }: ProgramOptions,
  complaint: (stderr: string) => readonly string[],
): string {
  const result = atUsualPriority(() =>
    spawnSync(program, words, {
      stdio: [input === null ? 'ignore' : 'pipe', stdout, 'pipe'],
      ...(input !== null && { input }),
      encoding: 'utf8',
      timeout: timeoutMs,
      // SIGTERM could be ignored, and the thread would wait for ever.
      killSignal: 'SIGKILL',
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:${SYSTEM_FOLDERS}`, ...env },
    }),
  );
  // Null where it is ignored, whatever the types say.
  if (result.status === 0) return result.stdout ?? '';
  if (result.error) {
    const errno = Math.abs((result.error as NodeJS.ErrnoException).errno ?? 0);
    throw new SystemFault('exec', program, errno, errno === 0 ? result.error.message : '');
  }
  const how = result.status === null ? `ended by ${result.signal}` : `exit status ${result.status}`;
  throw new SystemFault('exec', program, 0, [how, ...complaint(result.stderr)].join('; '));
}
