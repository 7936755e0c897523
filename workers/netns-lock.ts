import { closeSync, constants, openSync } from 'node:fs';
import { NETNS_LOCK } from '../src/net/run-directory.ts';
import * as libc from './libc.ts';
import { ERRNO, pause } from './netlink/errors.ts';
import { faulting, SystemFault } from './netlink/fault.ts';

/** How long others may make links and namespaces while one is to be removed. 10,000 links take six seconds. */
const PATIENCE_MS = 60_000;
const POLL_MS = 1;

/**
 * The host's lock on the names in /run/netns, for the time of one task, so that no namespace pays for it. Whoever makes a name, or
 * puts links into a namespace by its name, shares it with all others who do; who removes a name, or takes one over that holds
 * nothing, has it alone, and looks again first. So what a lab has seen to be there stays until its links are in it.
 */
export class NetnsLock {
  #fd = -1;
  #held: 'none' | 'shared' | 'alone' = 'none';

  /** Throws SystemFault `flock` EAGAIN where that takes too long. */
  share(): void {
    if (this.#held === 'none') this.#take(libc.LOCK_SH, 'shared');
  }

  /** As `share`. Nobody else makes or removes a name until the task is over, or `yield`. */
  takeAlone(): void {
    if (this.#held === 'alone') return;
    // Two that share it and both want it alone would wait for each other.
    if (this.#held === 'shared') libc.flock(this.#fd, libc.LOCK_UN);
    this.#held = 'none';
    this.#take(libc.LOCK_EX, 'alone');
  }

  /** Share again what was taken alone. */
  yield(): void {
    if (this.#held !== 'alone') return;
    libc.flock(this.#fd, libc.LOCK_SH);
    this.#held = 'shared';
  }

  #take(operation: number, held: 'shared' | 'alone'): void {
    // A file of its own for each task: a lock is of the open file, and threads are to exclude each other, too.
    // Opened by Node, which closes it where the thread dies: else nobody could ever remove a name any more.
    if (this.#fd < 0) this.#fd = faulting('open', NETNS_LOCK, () => openSync(NETNS_LOCK, FLAGS, 0o600));
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const errno = -libc.flock(this.#fd, operation | libc.LOCK_NB);
      if (errno === 0) break;
      if (errno !== ERRNO.EWOULDBLOCK || performance.now() > deadlineMs)
        throw new SystemFault('flock', NETNS_LOCK, errno);
      pause(POLL_MS);
    }
    this.#held = held;
  }

  [Symbol.dispose](): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    this.#held = 'none';
  }
}

/** The directory is root's alone (src/engine/lock). */
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
