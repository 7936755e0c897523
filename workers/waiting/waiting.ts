/** `waiting/` has what threads need that sleep in poll(2) until something happens or they are woken. */
import * as libc from '../libc.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';

/** fcntl.h. */
const O_NONBLOCK = 0o4000;
/** poll.h; each entry of struct pollfd has 8 bytes. */
export const POLLIN = 0x001;
const POLLERR = 0x008;
const POLLHUP = 0x010;

const wakeBytes = Buffer.alloc(64);

/** A pipe through which the main thread wakes this one: it writes a byte to `wakerFd` after each order. */
export class WakePipe implements Disposable {
  readonly wakeFd: number;
  readonly wakerFd: number;

  /** Throws SystemFault. */
  constructor() {
    [this.wakeFd, this.wakerFd] = libc.pipe2(libc.O_CLOEXEC | O_NONBLOCK);
    if (this.wakeFd < 0) throw new SystemFault('pipe', '', -this.wakeFd);
  }

  /** Reads what has woken this thread, so that the next byte wakes it again. */
  drain(): void {
    while (libc.read(this.wakeFd, wakeBytes) > 0);
  }

  [Symbol.dispose](): void {
    libc.close(this.wakeFd);
    libc.close(this.wakerFd);
  }
}

/**
 * Waits until one of `fds` can be read or one of `watched` has lost its other end. Returns those with an error, which all others are to be
 * examined for. `timeoutMs` -1: without end. Throws SystemFault.
 */
export function waitFor(fds: readonly number[], watched: readonly number[], timeoutMs: number): ReadonlySet<number> {
  const all = [...fds, ...watched];
  const polled = Buffer.alloc(all.length * 8);
  all.forEach((fd, at) => {
    polled.writeInt32LE(fd, at * 8);
    polled.writeInt16LE(at < fds.length ? POLLIN : 0, at * 8 + 4);
  });
  const ready = libc.poll(polled, timeoutMs);
  if (ready < 0 && ready !== -ERRNO.EINTR) throw new SystemFault('poll', '', -ready);
  if (ready <= 0) return new Set();
  return new Set(all.filter((_, at) => polled.readInt16LE(at * 8 + 6) & (POLLERR | POLLHUP)));
}
