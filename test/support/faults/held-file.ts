/** A file that a stranger (flock(1)) has locked. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

const WAIT_MS = 20_000;
const POLL_MS = 5;

export interface HeldFile {
  /** Kills whoever has the lock, and resolves when it is free. */
  readonly release: () => Promise<void>;
  /** Resolves when the lock is free by itself. */
  readonly ended: Promise<unknown>;
}

/** Locks a file for so many seconds. Resolves when it is locked: flock(1) starts its program only then. */
export async function holdFile(path: string, seconds: number): Promise<HeldFile> {
  const holder = execa('flock', [path, 'sleep', String(seconds)], { reject: false });
  const children = (): string => {
    try {
      return readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim();
    } catch {
      return '';
    }
  };
  for (const deadlineMs = performance.now() + WAIT_MS; children() === ''; await delay(POLL_MS)) {
    if (performance.now() > deadlineMs) throw new Error(`${path} is not locked`);
  }
  return {
    ended: holder,
    release: async () => {
      for (const child of children().split(' ')) process.kill(Number(child), 'SIGKILL');
      await holder;
    },
  };
}
