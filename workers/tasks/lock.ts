import { constants } from 'node:os';
import type { LockResult, LockTask } from '../../src/wire/task.ts';
import { failure } from '../failure.ts';
import * as libc from '../libc.ts';

/** Asks for a file lock without waiting. The lock belongs to the open file, so any thread may ask for it. */
export function lock({ fd }: LockTask): LockResult {
  const errno = -libc.flock(fd, libc.LOCK_EX | libc.LOCK_NB);
  if (errno === 0) return { isTaken: true, failure: null };
  if (errno === constants.errno.EWOULDBLOCK) return { isTaken: false, failure: null };
  return { isTaken: false, failure: failure(null, 'flock', String(fd), errno) };
}
