/**
 * Reads and writes who holds a lock. The lock's file says it as `PID START`, where START is the start time of the process (field 22
 * of proc_pid_stat(5)).
 */
import { readFileSync } from 'node:fs';

export interface Holder {
  readonly pid: number;
  readonly start: string;
}

/** The most bytes that are read of a lock's file. */
export const HOLDER_MAX_BYTES = 64;

/** This process. */
export function ourselves(): Holder {
  return { pid: process.pid, start: startOf(process.pid) ?? '' };
}

export function holderText({ pid, start }: Holder): string {
  return `${pid} ${start}\n`;
}

/** The holder that a lock's file names; null if it names none, or none yet. */
export function holderIn(text: string): Holder | null {
  const [, pid, start] = /^([1-9]\d*) (\d+)\n/.exec(text) ?? [];
  return pid === undefined || start === undefined ? null : { pid: Number(pid), start };
}

/** Whether exactly this process is alive and visible from here. A process in another pid namespace is not. */
export function isAlive({ pid, start }: Holder): boolean {
  return startOf(pid) === start;
}

/**
 * The start time of a process. null if there is no such process, or if it has ended and its parent has not collected it (states Z
 * and X).
 */
function startOf(pid: number): string | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The process's name, in parentheses, may contain anything; the state after it is field 3.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[22 - 3] ?? null);
}
