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
import { HOLDER_MAX_BYTES, type Holder, type HolderTask, holderIn, holderText, isAlive, ourselves } from './holder.ts';
import { codeOf, ensureRunDirectory, noPrivilege } from './run-directory.ts';

/** How long a new holder may take to write its pid, and a killed holder to disappear. */
const PATIENCE_MS = 2_000;
const POLL_MS = 10;
/** How long others wait for the end of a removal: a lab of 25,000 Linux bridges takes this long on kernels where they die slowly. */
const REMOVAL_PATIENCE_MS = 600_000;
const REMOVAL_POLL_MS = 100;

export interface TakeOptions {
  /** What this process is going to do, where others wait for it. Default: nothing that anybody waits for. */
  readonly task?: HolderTask;
  /** Waits while another process removes the lab, up to ten minutes, and is told its pid first. Default: the lock is refused. */
  readonly onRemoval?: (pid: number) => void;
  /** Ends the wait. */
  readonly signal?: AbortSignal | null;
}

/**
 * Lets one linkloom at a time work on a lab: flock(2) on `/run/linkloom/LAB.lock`. It works across network namespaces and versions
 * of Node.js. This process opens the descriptor and does not pass it to programs that it starts. So the lock outlives the worker
 * that asked the kernel for it, and ends with the process.
 */
export class LabLock {
  readonly #path: string;
  readonly #fd: number;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /**
   * Takes the lock. Throws E_LOCKED, naming the holder, if another process has it: at once if that process is alive, else after 2
   * s. Throws E_PRIVILEGE if the lock's file or directory can't be opened, and E_UNSAFE if other users could tamper with it. Needs
   * root.
   */
  static async take(workers: Workers, lab: string, options: TakeOptions = {}): Promise<LabLock> {
    const path = lockPathOf(lab);
    const removal = new Removal(options);
    let deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const fd = openLock(path);
      try {
        const isTaken = await lock(workers, fd, path);
        if (isTaken && isStill(path, fd)) return LabLock.#held(path, fd, options.task ?? null);
        const holder = isTaken ? null : readHolder(fd);
        if (removal.isAwaited(holder)) deadlineMs = performance.now() + PATIENCE_MS;
        else if ((holder !== null && isAlive(holder)) || performance.now() > deadlineMs) throw locked(lab, holder);
        closeSync(fd);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      await delay(removal.isUnderWay ? REMOVAL_POLL_MS : POLL_MS);
    }
  }

  static #held(path: string, fd: number, task: HolderTask | null): LabLock {
    ftruncateSync(fd);
    writeSync(fd, holderText(ourselves(task)), 0);
    return new LabLock(path, fd);
  }

  /**
   * Removes the file while it is still locked. A process that has the old file open sees that the name leads to another file, and
   * opens it again.
   */
  [Symbol.dispose](): void {
    if (isStill(this.#path, this.#fd)) unlinkSync(this.#path);
    closeSync(this.#fd);
  }
}

/** The wait for another process that removes the lab. */
class Removal {
  isUnderWay = false;
  readonly #options: TakeOptions;
  readonly #endMs = performance.now() + REMOVAL_PATIENCE_MS;

  constructor(options: TakeOptions) {
    this.#options = options;
  }

  /** Whether the holder is to be waited for. Throws E_INTERRUPTED if the caller was interrupted meanwhile. */
  isAwaited(holder: Holder | null): boolean {
    const { onRemoval, signal } = this.#options;
    if (onRemoval === undefined || holder?.task !== 'down' || !isAlive(holder) || performance.now() > this.#endMs)
      return false;
    if (signal?.aborted)
      throw new LinkloomError(
        'E_INTERRUPTED',
        'interrupted while another linkloom removes the lab; nothing was touched',
      );
    if (!this.isUnderWay) onRemoval(holder.pid);
    this.isUnderWay = true;
    return true;
  }
}

/**
 * Opens the lock's file. It follows no link and does not block, whatever has the name. node:fs adds O_CLOEXEC, so programs that are
 * started do not inherit the descriptor.
 */
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
  return new LinkloomError('E_UNSAFE', `${path} can't be used as a lock: ${why}`, {
    hint: 'see what it is, and remove it: linkloom makes it anew',
    cause,
  });
}

/** Asks the kernel for the lock. Returns whether this process has it now. Throws E_KERNEL. */
async function lock(workers: Workers, fd: number, path: string): Promise<boolean> {
  const { isTaken, failure } = await workers.ask({ task: 'lock', fd });
  if (failure === null) return isTaken;
  throw new LinkloomError('E_KERNEL', `cannot lock ${path}: ${failure.call} ${failure.errnoName ?? failure.subject}`);
}

/** Whether the path still leads to the open file. It does not if the holder has removed the file on release. */
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
  if (holder?.task === 'down' && isAlive(holder)) {
    return new LinkloomError('E_LOCKED', `lab ${lab} is being removed by pid ${holder.pid}`, {
      hint: `wait until it is gone: ${verb('status', '--all')} tells`,
    });
  }
  const who =
    holder === null || isAlive(holder)
      ? `another linkloom${holder === null ? '' : `, pid ${holder.pid}`}`
      : `another linkloom that can't be seen from here (in its own pid namespace it is ${holder.pid})`;
  return new LinkloomError('E_LOCKED', `lab ${lab} is in the hands of ${who}`, {
    hint: `wait until it is done, or stop it; ${verb('status')} and ${verb('plan')} work meanwhile`,
  });
}
