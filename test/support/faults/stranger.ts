/** Starts a process that has nothing to do with the lab, in a network namespace of its own, under a chosen process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

/** The next process gets an id one more than this, if it is free (proc_sys_kernel(5)). Needs root. */
const LAST_PID = '/proc/sys/kernel/ns_last_pid';
const PATIENCE_MS = 8_000;

export interface Stranger extends AsyncDisposable {
  readonly pid: number;
  /** Everything in its namespace: devices, addresses, routes. */
  state(): Promise<string>;
}

/** Starts a stranger. With `pid` it gets that process id as soon as it is free, even if others start processes meanwhile. */
export async function stranger(pid: number | null = null): Promise<Stranger> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    if (pid !== null) writeFileSync(LAST_PID, String(pid - 1));
    const child = spawn('unshare', ['--net', 'sleep', '100000'], { stdio: 'ignore' });
    if (pid === null || child.pid === pid) {
      try {
        return await inOwnNamespace(child);
      } catch (error) {
        await end(child);
        throw error;
      }
    }
    await end(child);
    if (Date.now() > deadline) throw new Error(`no new process got the id ${pid}`);
    await delay(5);
  }
}

async function inOwnNamespace(child: ChildProcess): Promise<Stranger> {
  const pid = child.pid ?? 0;
  const inside = async (...args: readonly string[]): Promise<string> =>
    (await execa('nsenter', ['--target', String(pid), '--net', 'ip', ...args])).stdout;
  const namespace = (of: number | string): string => readlinkSync(`/proc/${of}/ns/net`);
  while (namespace(pid) === namespace('self')) await delay(5);
  await inside('link', 'add', 'theirs', 'type', 'veth', 'peer', 'name', 'theirs-too');
  return {
    pid,
    state: async () => `${await inside('-json', 'address')}\n${await inside('-json', 'route', 'show', 'table', 'all')}`,
    [Symbol.asyncDispose]: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
