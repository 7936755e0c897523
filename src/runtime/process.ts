/** Finds processes of commands in /proc, by their identity and by a command's mark. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { netnsPath, nsPath, processNs } from '../net/ns-id.ts';

/** The identity of a process. A pid alone is not enough, since the kernel reuses it. */
export interface ProcessId {
  readonly pid: number;
  /** Start time in clock ticks since boot (proc_pid_stat(5), field 22), as text. */
  readonly start: string;
}

/** Environment variable that marks the processes of a command; its value is `LAB NODE`. Child processes inherit it unless they drop it. */
export const COMMAND_VARIABLE = 'LINKLOOM_COMMAND';

export function commandMark(lab: string, node: string): string {
  return `${lab} ${node}`;
}

/** The identity of a running process; null: there is none, or it is a zombie. */
export function identify(pid: number): ProcessId | null {
  const stat = textOf(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold any characters.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'Z'] = fields;
  const start = fields[19];
  return state === 'Z' || state === 'X' || start === undefined ? null : { pid, start };
}

export function isRunning({ pid, start }: ProcessId): boolean {
  return identify(pid)?.start === start;
}

/** Whether a process is in the network namespace that has this name now; false also if that can't be found out. */
export function isInNetns(pid: number, name: string): boolean {
  try {
    return statSync(nsPath(processNs(pid))).ino === statSync(netnsPath(name)).ino;
  } catch {
    return false;
  }
}

/** Every process that a command of the lab has started, directly or not, and that has kept its environment. */
export function processesOfLab(lab: string): readonly ProcessId[] {
  return processesWith(`${COMMAND_VARIABLE}=${commandMark(lab, '')}`, true);
}

/** Every other process with this entry in its environment, or with `isPrefix` an entry that begins with it. */
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
