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
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:${SYSTEM_FOLDERS}`, LC_ALL: 'C' };
  const result = atUsualPriority(() =>
    spawnSync(program, words, { input, encoding: 'utf8', timeout: TIMEOUT_MS, env }),
  );
  if (result.status === 0) return result.stdout;
  if (result.error) {
    const errno = Math.abs((result.error as NodeJS.ErrnoException).errno ?? 0);
    throw new SystemFault('exec', program, errno, errno === 0 ? result.error.message : '');
  }
  const said = result.stderr.split('\n').filter((line) => line.trim() !== '');
  const how = result.status === null ? `ended by ${result.signal}` : `exit status ${result.status}`;
  throw new SystemFault('exec', program, 0, [how, ...said.slice(0, LINES)].join('; '));
}
