/** The end of a lab's commands, before the lab itself goes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Emit } from '../../events.ts';
import { isRunning, type ProcessId, processesOfLab } from '../../runtime/process.ts';
import { readRecord, removeRecord } from './record.ts';

/** Between SIGTERM and SIGKILL: an engine gives a daemon that it stops a second or more in all. */
const TERM_MS = 400;
const KILL_MS = 1000;
const POLL_MS = 10;

/**
 * Ends what the lab's commands have started in namespaces and what still runs, in the background too; then the record goes.
 * What runs in containers is theirs. Where no command was ever run, nothing is looked for.
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
    const pids = running.map(({ pid }) => pid).join(', ');
    emit({ type: 'notice', message: `Ending what the lab's commands have left running: pids ${pids}` });
    await endAll(remaining, 'SIGTERM', TERM_MS);
    await endAll(remaining, 'SIGKILL', KILL_MS);
  }
  await removeRecord(lab);
}

async function endAll(remaining: () => readonly ProcessId[], signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
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

/** To a command's process and all of its group, as far as it still is that process. */
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
