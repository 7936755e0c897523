/**
 * Reads and writes who holds a lock. The lock's file says it as `PID START` or `PID START TASK`, where START is the start time of the
 * process (field 22 of proc_pid_stat(5)).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { LOCK_SUFFIX, lockPathOf, RUN_DIRECTORY } from '../../net/run-directory.ts';

/** What a holder does, where others wait for it: the lab is being removed. */
export type HolderTask = 'down';

export interface Holder {
  readonly pid: number;
  readonly start: string;
  readonly task: HolderTask | null;
}

/** The most bytes that are read of a lock's file. */
export const HOLDER_MAX_BYTES = 64;

/** This process. */
export function ourselves(task: HolderTask | null): Holder {
  return { pid: process.pid, start: startOf(process.pid) ?? '', task };
}

export function holderText({ pid, start, task }: Holder): string {
  return `${[pid, start, ...(task === null ? [] : [task])].join(' ')}\n`;
}

/** The holder that a lock's file names; null if it names none, or none yet. */
export function holderIn(text: string): Holder | null {
  const [, pid, start, task] = /^([1-9]\d*) (\d+)(?: (down))?\n/.exec(text) ?? [];
  if (pid === undefined || start === undefined) return null;
  return { pid: Number(pid), start, task: task === undefined ? null : 'down' };
}

/** The process that is removing a lab, by the file of its lock; null: none that can be seen from here. */
export function removerOf(lab: string): number | null {
  const holder = holderIn(textOf(lockPathOf(lab)));
  return holder?.task === 'down' && isAlive(holder) ? holder.pid : null;
}

/** Whether exactly this process is alive and visible from here. A process in another pid namespace is not. */
export function isAlive({ pid, start }: Pick<Holder, 'pid' | 'start'>): boolean {
  return startOf(pid) === start;
}

/**
 * The start time of a process. null if there is no such process, or if it has ended and its parent has not collected it (states Z
 * and X).
 */
function startOf(pid: number): string | null {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === '') return null;
  // The process's name, in parentheses, may contain anything; the state after it is field 3.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[22 - 3] ?? null);
}

/** The labs that have a lock's file, and the holders that the files name; null: none, or none yet. */
export function holdersNoted(): readonly { readonly lab: string; readonly holder: Holder | null }[] {
  return filesIn(RUN_DIRECTORY).flatMap((name) => {
    if (name.startsWith('.') || !name.endsWith(LOCK_SUFFIX)) return [];
    const lab = name.slice(0, -LOCK_SUFFIX.length);
    return [{ lab, holder: holderIn(textOf(lockPathOf(lab))) }];
  });
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
