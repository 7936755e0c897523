/** Finds and ends the processes of a lab's programs, and those that they have started, by the mark in their environment. */
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, type ProcessId, processesWith } from '../runtime/process.ts';
import { PROGRAM_VARIABLE } from './program.ts';

/** Time between SIGTERM and SIGKILL. */
const TERM_MS = 2_000;
const KILL_MS = 2_000;
const POLL_MS = 10;

/** The processes of a program by its mark, or of all programs of a lab by the mark `LAB `. */
export function markedProcesses(mark: string): readonly ProcessId[] {
  return processesWith(`${PROGRAM_VARIABLE}=${mark}`, mark.endsWith(' '));
}

/** Ends all processes with the mark, and `leader`, which may have dropped it: SIGTERM, then SIGKILL for those left after two seconds. */
export async function endMarked(mark: string, leader: ProcessId | null = null): Promise<void> {
  const remaining = (): readonly ProcessId[] => {
    const marked = markedProcesses(mark);
    const known = leader === null || marked.some(({ pid }) => pid === leader.pid) ? marked : [leader, ...marked];
    return known.filter(isRunning);
  };
  await endAll(remaining);
}

/** Ends only these processes, in the same way. */
export async function endProcesses(processes: readonly ProcessId[]): Promise<void> {
  await endAll(() => processes.filter(isRunning));
}

async function endAll(remaining: () => readonly ProcessId[]): Promise<void> {
  await end(remaining, 'SIGTERM', TERM_MS);
  await end(remaining, 'SIGKILL', KILL_MS);
}

async function end(remaining: () => readonly ProcessId[], signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  const told = new Set<string>();
  for (let left = remaining(); left.length > 0 && performance.now() < deadlineMs; left = remaining()) {
    for (const { pid, start } of left) {
      if (!told.has(`${pid} ${start}`)) tell(pid, signal);
      told.add(`${pid} ${start}`);
    }
    await delay(POLL_MS);
  }
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has ended meanwhile.
  }
}
