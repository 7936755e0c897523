import { constants } from 'node:os';

/** Names by errno; where two share a number, the one that netlink's documentation uses. */
const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(constants.errno).map(([name, errno]) => [errno, name] as const),
  [constants.errno.EAGAIN, 'EAGAIN'],
  [constants.errno.EOPNOTSUPP, 'EOPNOTSUPP'],
]);

/** `EEXIST` for 17; '' for 0; `errno 523` for what has no name here. */
export function errnoName(errno: number): string {
  return errno === 0 ? '' : (NAMES.get(errno) ?? `errno ${errno}`);
}

export const ERRNO = constants.errno;

/** Errors that may be gone a moment later, without anything being wrong. */
const TRANSIENT: ReadonlySet<number> = new Set([ERRNO.EBUSY, ERRNO.EAGAIN, ERRNO.ENOBUFS, ERRNO.EINTR]);

export function isTransient(errno: number): boolean {
  return TRANSIENT.has(errno);
}

const waitCell = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread. Only ever between tries, for milliseconds. */
export function pause(milliseconds: number): void {
  Atomics.wait(waitCell, 0, 0, milliseconds);
}
