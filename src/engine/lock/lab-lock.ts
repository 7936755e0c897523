import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LinkloomError } from '../../errors.ts';
import { lockPathOf } from '../../net/run-directory.ts';
import { verb } from '../../verb-names.ts';
import type { Workers } from '../workers.ts';
import { HOLDER_MAX_BYTES, type Holder, holderIn, holderText, isAlive, ourselves } from './holder.ts';
import { codeOf, ensureRunDirectory, noPrivilege } from './run-directory.ts';

/** How long a holder may take to say who it is, and one that has been killed to be gone. */
const PATIENCE_MS = 2_000;
const POLL_MS = 10;

/**
 * One linkloom at a time per lab: flock(2) on `/run/linkloom/LAB.lock`, whichever network namespace and version of Node.js they
 * run in. The descriptor is this process's, opened here and closed to the programs it starts: the lock outlives the worker that
 * asked the kernel for it, and ends with the process.
 */
export class LabLock {
  readonly #path: string;
  readonly #fd: number;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /**
   * Take the lock. Throws E_LOCKED, naming the holder, if another process has it: at once where that is seen to live, else
   * after 2 s. Throws E_PRIVILEGE or E_UNSAFE where there is no place for locks; needs root.
   */
  static async take(workers: Workers, lab: string): Promise<LabLock> {
    const path = lockPathOf(lab);
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const fd = openLock(path);
      try {
        const isTaken = await lock(workers, fd, path);
        if (isTaken && isStill(path, fd)) return LabLock.#held(path, fd);
        const holder = isTaken ? null : readHolder(fd);
        if ((holder !== null && isAlive(holder)) || performance.now() > deadlineMs) throw locked(lab, holder);
        closeSync(fd);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      await delay(POLL_MS);
    }
  }

  static #held(path: string, fd: number): LabLock {
    ftruncateSync(fd);
    writeSync(fd, holderText(ourselves()), 0);
    return new LabLock(path, fd);
  }

  /** The file goes while it is locked: who has it open then sees that it is not the one under the name, and opens anew. */
  [Symbol.dispose](): void {
    if (isStill(this.#path, this.#fd)) unlinkSync(this.#path);
    closeSync(this.#fd);
  }
}

/** Never follows a link and never waits, whatever is there under the name. Closed to programs that are started (node:fs adds O_CLOEXEC). */
function openLock(path: string): number {
  ensureRunDirectory();
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let fd: number;
  try {
    fd = openSync(path, flags, 0o600);
  } catch (error) {
    if (codeOf(error) === 'ELOOP') throw notALock(path, 'it is a link', error);
    if (codeOf(error) === 'EISDIR') throw notALock(path, 'it is a directory', error);
    throw noPrivilege(`cannot open the lock ${path}`, error);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw notALock(path, 'it is no regular file');
}

function notALock(path: string, why: string, cause?: unknown): LinkloomError {
  return new LinkloomError('E_UNSAFE', `${path} does not serve as a lock: ${why}`, {
    hint: 'see what it is, and remove it: linkloom makes it anew',
    cause,
  });
}

/** Whether the kernel gave it to us. */
async function lock(workers: Workers, fd: number, path: string): Promise<boolean> {
  const { isTaken, failure } = await workers.ask({ task: 'lock', fd });
  if (failure === null) return isTaken;
  throw new LinkloomError('E_KERNEL', `cannot lock ${path}: ${failure.call} ${failure.errnoName ?? failure.subject}`);
}

/** Whether the name still stands for the file that is open: not where its holder has removed it, at its end. */
function isStill(path: string, fd: number): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  const open = fstatSync(fd);
  return named?.ino === open.ino && named.dev === open.dev;
}

function readHolder(fd: number): Holder | null {
  const bytes = Buffer.alloc(HOLDER_MAX_BYTES);
  return holderIn(bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0)));
}

function locked(lab: string, holder: Holder | null): LinkloomError {
  const who =
    holder === null || isAlive(holder)
      ? `another linkloom${holder === null ? '' : `, pid ${holder.pid}`}`
      : `another linkloom that can't be seen from here (in its own pid namespace it is ${holder.pid})`;
  return new LinkloomError('E_LOCKED', `lab ${lab} is in the hands of ${who}`, {
    hint: `wait until it is done, or stop it; ${verb('status')} and ${verb('plan')} work meanwhile`,
  });
}
