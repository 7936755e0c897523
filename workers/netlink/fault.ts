import { ERRNO, errnoName } from './errors.ts';

/**
 * A system call that failed, inside a worker. Thrown no further than the task's edge, where it becomes an OpFailure:
 * errors lose their fields on the way between threads.
 */
export class SystemFault extends Error {
  override readonly name = 'SystemFault';
  /** `open`, `setns`, `mount`, `RTM_GETLINK`… */
  readonly call: string;
  /** What it was tried on: a path, a device, an address. */
  readonly subject: string;
  /** Positive; 0 if there is none. */
  readonly errno: number;
  /** What the kernel said, or what the reader should know; else ''. */
  readonly detail: string;

  constructor(call: string, subject: string, errno: number, detail = '') {
    super(`${call} ${subject}: ${errnoName(errno)}${detail && ` (${detail})`}`);
    this.call = call;
    this.subject = subject;
    this.errno = errno;
    this.detail = detail;
  }
}

/** What a call lacks that has nothing to do with what it asked for: nobody knows the answer then. */
const EXHAUSTED: ReadonlySet<number> = new Set([ERRNO.EMFILE, ERRNO.ENFILE, ERRNO.ENOMEM, ERRNO.ENOBUFS]);

/** Whether a failure is an answer: false where the process or the machine had nothing left to ask with. */
export function isAnswer(error: unknown): error is SystemFault {
  return error instanceof SystemFault && !EXHAUSTED.has(error.errno);
}

/** Runs a call of node:fs and turns its error into a SystemFault. */
export function faulting<T>(call: string, subject: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof SystemFault) throw error;
    const errno = (error as NodeJS.ErrnoException).errno;
    if (typeof errno !== 'number') throw error;
    throw new SystemFault(call, subject, Math.abs(errno));
  }
}
