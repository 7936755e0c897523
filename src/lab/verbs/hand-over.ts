/** Verbs that change a lab take its lock, or leave the work to the daemon that has it. */
import { LabLock, type TakeOptions } from '../../engine/lock/lab-lock.ts';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';
import type { Io } from '../request.ts';

/** Has a daemon do the work. null: no daemon answers. Default: nobody is asked. */
export type HandOver<T, With> = (given: With) => Promise<T | null>;

/** The lock, or what a daemon did. */
export type LockOr<T> = { readonly lock: LabLock; readonly done: null } | { readonly lock: null; readonly done: T };

/** For verbs that wait until another process has removed the lab. */
export function patiently(lab: string, { emit, signal }: Pick<Io, 'emit' | 'signal'>): TakeOptions {
  return { signal, onRemoval: (pid) => emit({ type: 'removal', lab, pid, isAwaited: true, logPath: null }) };
}

/** Throws what `LabLock.take` throws where no daemon does the work, and what the daemon throws. */
export async function lockOrHandOver<T, With>(
  workers: Workers,
  lab: string,
  handOver: HandOver<T, With> | undefined,
  given: With,
  options: TakeOptions = {},
): Promise<LockOr<T>> {
  try {
    return { lock: await LabLock.take(workers, lab, options), done: null };
  } catch (error) {
    if (handOver === undefined || !(error instanceof LinkloomError) || error.code !== 'E_LOCKED') throw error;
    const done = await handOver(given);
    if (done === null) throw error;
    return { lock: null, done };
  }
}
