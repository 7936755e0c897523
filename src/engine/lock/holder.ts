/** Who holds a lock, as it says in the lock's file: `PID START`, where START is the process's start time (field 22 of proc_pid_stat(5)). */
import { readFileSync } from 'node:fs';

export interface Holder {
  readonly pid: number;
  readonly start: string;
}

/** More is not read of a lock's file. */
export const HOLDER_MAX_BYTES = 64;

/** This process. */
export function ourselves(): Holder {
  return { pid: process.pid, start: startOf(process.pid) ?? '' };
}

export function holderText({ pid, start }: Holder): string {
  return `${pid} ${start}\n`;
}

/** null: it does not say (yet). */
export function holderIn(text: string): Holder | null {
  const [, pid, start] = /^([1-9]\d*) (\d+)\n/.exec(text) ?? [];
  return pid === undefined || start === undefined ? null : { pid: Number(pid), start };
}

/** Whether that very process lives and can be seen from here. One in another pid namespace can't. */
export function isAlive({ pid, start }: Holder): boolean {
  return startOf(pid) === start;
}

/** null: there is no such process, or it has ended and nobody has taken note (states Z and X). */
function startOf(pid: number): string | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name, in parentheses, may hold anything; the state is field 3.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[22 - 3] ?? null);
}
