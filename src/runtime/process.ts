/** Processes of commands, as /proc tells: which is which, and which carry a command's mark. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { netnsPath, nsPath, processNs } from '../net/ns-id.ts';

/** A process for good: a pid alone may pass on to another one. */
export interface ProcessId {
  readonly pid: number;
  /** Start time in clock ticks since boot (proc_pid_stat(5), field 22), as text. */
  readonly start: string;
}

/** In the environment of what a command starts, as far as that passes it on: `LAB NODE`. */
export const COMMAND_VARIABLE = 'LINKLOOM_COMMAND';

export function commandMark(lab: string, node: string): string {
  return `${lab} ${node}`;
}

/** null: there is no such process (a zombie is none). */
export function identify(pid: number): ProcessId | null {
  const stat = textOf(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'Z'] = fields;
  const start = fields[19];
  return state === 'Z' || state === 'X' || start === undefined ? null : { pid, start };
}

export function isRunning({ pid, start }: ProcessId): boolean {
  return identify(pid)?.start === start;
}

/** Whether a process is in the named network namespace as that is now; false also where that can't be told. */
export function isInNetns(pid: number, name: string): boolean {
  try {
    return statSync(nsPath(processNs(pid))).ino === statSync(netnsPath(name)).ino;
  } catch {
    return false;
  }
}

/** Every process that a command of the lab has started, directly or not, and that did not drop its environment. */
export function processesOfLab(lab: string): readonly ProcessId[] {
  return processesWith(`${COMMAND_VARIABLE}=${commandMark(lab, '')}`, true);
}

/** Every process that has this in its environment, or, with `isPrefix`, something that begins with it. Not this one itself. */
export function processesWith(entry: string, isPrefix: boolean): readonly ProcessId[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const words = textOf(`/proc/${pid}/environ`).split('\0');
    const isMeant = words.some((word) => (isPrefix ? word.startsWith(entry) : word === entry));
    const found = isMeant ? identify(pid) : null;
    return found === null ? [] : [found];
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
