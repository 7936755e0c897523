import { constants } from 'node:os';
import { errnoTable } from '../libc.ts';

/** The errno numbers that Node knows, by name. */
export const ERRNO = constants.errno;

/** The names of all errno numbers of Linux. If two names share a number, this has the one that netlink's documentation uses. */
const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(errnoTable).map(([name, errno]) => [errno, name] as const),
  [ERRNO.EAGAIN, 'EAGAIN'],
  [ERRNO.EOPNOTSUPP, 'EOPNOTSUPP'],
]);

/** `EEXIST` for 17; '' for 0; `errno 523` for what has no name here. */
export function errnoName(errno: number): string {
  return errno === 0 ? '' : (NAMES.get(errno) ?? `errno ${errno}`);
}

/** Transient errors: the same call can succeed a moment later. */
const TRANSIENT: ReadonlySet<number> = new Set([ERRNO.EBUSY, ERRNO.EAGAIN, ERRNO.ENOBUFS, ERRNO.EINTR]);

export function isTransient(errno: number): boolean {
  return TRANSIENT.has(errno);
}

const waitCell = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread. Used only between tries, for milliseconds. */
export function pause(milliseconds: number): void {
  Atomics.wait(waitCell, 0, 0, milliseconds);
}
