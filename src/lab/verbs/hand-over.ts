/** Verbs that change a lab take its lock, or leave the work to the daemon that has it. */
import { LabLock } from '../../engine/lock/lab-lock.ts';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';

/** Has a daemon do the work. null: no daemon answers. Default: nobody is asked. */
export type HandOver<T, With> = (given: With) => Promise<T | null>;

/** The lock, or what a daemon did. */
export type LockOr<T> = { readonly lock: LabLock; readonly done: null } | { readonly lock: null; readonly done: T };

/** Throws what `LabLock.take` throws where no daemon does the work, and what the daemon throws. */
export async function lockOrHandOver<T, With>(
  workers: Workers,
  lab: string,
  handOver: HandOver<T, With> | undefined,
  given: With,
): Promise<LockOr<T>> {
  try {
    return { lock: await LabLock.take(workers, lab), done: null };
  } catch (error) {
    if (handOver === undefined || !(error instanceof LinkloomError) || error.code !== 'E_LOCKED') throw error;
    const done = await handOver(given);
    if (done === null) throw error;
    return { lock: null, done };
  }
}
