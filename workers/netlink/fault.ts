import { ERRNO, errnoName } from './errors.ts';

/**
 * A system call that failed, inside a worker. The task catches it and makes it an OpFailure, since errors lose their fields on
 * the way between threads.
 */
export class SystemFault extends Error {
  override readonly name = 'SystemFault';
  /** `open`, `setns`, `mount`, `RTM_GETLINK`… */
  readonly call: string;
  /** What the call was about: a path, a device, an address. */
  readonly subject: string;
  /** Positive; 0 if there is none. */
  readonly errno: number;
  /** The kernel's message, or what the reader should know; else ''. */
  readonly detail: string;

  constructor(call: string, subject: string, errno: number, detail = '') {
    super(`${call} ${subject}: ${errnoName(errno)}${detail && ` (${detail})`}`);
    this.call = call;
    this.subject = subject;
    this.errno = errno;
    this.detail = detail;
  }
}

/** Errors that say only that the process or the machine is out of a resource. They are no answer to what was asked. */
const EXHAUSTED: ReadonlySet<number> = new Set([ERRNO.EMFILE, ERRNO.ENFILE, ERRNO.ENOMEM, ERRNO.ENOBUFS]);

/** Whether the process or the machine had nothing left to ask with. */
export function isExhausted(error: unknown): boolean {
  return error instanceof SystemFault && EXHAUSTED.has(error.errno);
}

/** Whether a failure is an answer. */
export function isAnswer(error: unknown): error is SystemFault {
  return error instanceof SystemFault && !isExhausted(error);
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
