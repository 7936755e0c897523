/** `down` in a process of its own, which holds the lab's lock and outlives the one that asks for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { removerOf } from '../../engine/lock/holder.ts';
import { ensureRunDirectory } from '../../engine/lock/run-directory.ts';
import { assertPrivilege } from '../../engine/machine/privilege.ts';
import { MAIN_URL } from '../../layout.ts';
import { removalLogPath } from '../../net/run-directory.ts';

const LOG_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
const POLL_MS = 20;
/** A process that has neither the lock nor ended by then waits for a lock, or has a daemon remove the lab. */
const BEGIN_MS = 4_000;

/** `going`: it is under way in another process. `ended`: that process has ended already, with this status, and said this. */
export type Detached =
  | { readonly state: 'going'; readonly pid: number; readonly logPath: string }
  | { readonly state: 'ended'; readonly status: number; readonly said: string };

/**
 * Returns once the lab is being removed, or is gone. `words`: further options of the verb. Throws E_PRIVILEGE and E_UNSAFE.
 * Needs root.
 */
export async function detach(lab: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<Detached> {
  assertPrivilege();
  ensureRunDirectory();
  const logPath = removalLogPath(lab);
  const child = start(['down', '--lab', lab, ...words], env, logPath);
  const ended = once(child, 'exit').then(([status]) => Number(status ?? 1));
  const deadlineMs = performance.now() + BEGIN_MS;
  while (removerOf(lab) !== child.pid && performance.now() < deadlineMs) {
    const status = await Promise.race([ended, delay(POLL_MS, null)]);
    if (status === null) continue;
    const said = readFileSync(logPath, { encoding: 'utf8', flag: 'a+' });
    rmSync(logPath, { force: true });
    return { state: 'ended', status, said };
  }
  child.unref();
  return { state: 'going', pid: child.pid ?? 0, logPath };
}

function start(words: readonly string[], env: NodeJS.ProcessEnv, logPath: string): ChildProcess {
  const log = openSync(logPath, LOG_FLAGS, 0o600);
  try {
    return spawn(process.execPath, [fileURLToPath(MAIN_URL), ...words], {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: '/',
      env: { ...env, LINKLOOM_DETACH: undefined, LINKLOOM_JSON: undefined },
    });
  } finally {
    closeSync(log);
  }
}
