/** Ends a lab's commands, before the lab itself is removed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Emit } from '../../events.ts';
import { isRunning, type ProcessId, processesOfLab } from '../../runtime/process.ts';
import { readRecord, removeRecord } from './record.ts';

/** The time from SIGTERM to SIGKILL. It is short because an engine gives a container that it stops only some seconds in all. */
const TERM_MS = 400;
const KILL_MS = 1000;
const POLL_MS = 10;

/**
 * Ends the lab's commands in namespaces and all processes that they started, in the background too; then removes the record. Processes
 * in containers are left alone. Where no command was ever run, nothing is looked for.
 */
export async function endCommands(lab: string, emit: Emit): Promise<void> {
  const { entries } = await readRecord(lab);
  if (entries.length === 0) return;
  const leaders = entries.flatMap(({ process }) => (process === null ? [] : [process]));
  const remaining = (): readonly ProcessId[] => {
    const known = new Map([...leaders, ...processesOfLab(lab)].map((one) => [one.pid, one]));
    return [...known.values()].filter(isRunning);
  };
  const running = remaining();
  if (running.length > 0) {
    emit({ type: 'commandsLeft', pids: running.map(({ pid }) => pid) });
    await endAll(remaining, 'SIGTERM', TERM_MS);
    await endAll(remaining, 'SIGKILL', KILL_MS);
  }
  await removeRecord(lab);
}

/** Sends a signal once to each process that remains, and waits up to `timeoutMs` until none does. */
export async function endAll(
  remaining: () => readonly ProcessId[],
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  const told = new Set<string>();
  for (let left = remaining(); left.length > 0 && performance.now() < deadlineMs; left = remaining()) {
    for (const one of left) {
      const key = `${one.pid} ${one.start}`;
      if (!told.has(key)) signalProcess(one.pid, signal);
      told.add(key);
    }
    await delay(POLL_MS);
  }
}

/** Sends a signal to a command's process group, if the process still is the command's. */
export function signalGroup(leader: ProcessId, signal: NodeJS.Signals): void {
  if (isRunning(leader)) signalProcess(-leader.pid, signal);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
