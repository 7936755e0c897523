/** `down --detach`: the same verb in a process of its own, which holds the lab's lock and outlives this one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { removerOf } from '../../engine/lock/holder.ts';
import { ensureRunDirectory } from '../../engine/lock/run-directory.ts';
import { assertPrivilege } from '../../engine/machine/privilege.ts';
import { EXIT } from '../../errors.ts';
import { MAIN_URL } from '../../layout.ts';
import { removalLogPath } from '../../net/run-directory.ts';
import { detachedJson, detachedText } from '../../report/summary.ts';
import type { Options } from '../flags.ts';
import { writeDocument } from '../reporting.ts';
import type { Context } from '../verb.ts';

const LOG_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
const POLL_MS = 20;
/** A process that has neither the lock nor ended by then has a daemon remove the lab. */
const BEGIN_MS = 4_000;

/** Returns once the lab is being removed, or is gone. Throws E_PRIVILEGE and E_UNSAFE. Needs root. */
export async function downDetached(context: Context, options: Options, lab: string): Promise<number> {
  assertPrivilege();
  ensureRunDirectory();
  const logPath = removalLogPath(lab);
  const child = start(lab, options, context.env, logPath);
  const ended = once(child, 'exit').then(([status]) => Number(status ?? EXIT.failed));
  const deadlineMs = performance.now() + BEGIN_MS;
  while (removerOf(lab) !== child.pid && performance.now() < deadlineMs) {
    const status = await Promise.race([ended, delay(POLL_MS, null)]);
    if (status === null) continue;
    if (status !== EXIT.done) context.err.write(readFileSync(logPath, 'utf8'));
    if (status !== EXIT.done) rmSync(logPath, { force: true });
    else tell(context, options, { lab, pid: null, logPath: null });
    return status;
  }
  child.unref();
  tell(context, options, { lab, pid: child.pid ?? null, logPath });
  return EXIT.done;
}

function tell(context: Context, options: Options, begun: Parameters<typeof detachedJson>[0]): void {
  if (options.json) writeDocument(context, detachedJson(begun));
  else context.out.write(detachedText(begun));
}

function start(
  lab: string,
  { dockerSocket, podmanSocket, workers }: Options,
  env: Context['env'],
  logPath: string,
): ChildProcess {
  const given = { '--docker-socket': dockerSocket, '--podman-socket': podmanSocket, '--workers': workers };
  const words = Object.entries(given).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
  const log = openSync(logPath, LOG_FLAGS, 0o600);
  try {
    return spawn(process.execPath, [fileURLToPath(MAIN_URL), 'down', '--lab', lab, ...words], {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: '/',
      env: { ...env, LINKLOOM_DETACH: undefined, LINKLOOM_JSON: undefined },
    });
  } finally {
    closeSync(log);
  }
}
