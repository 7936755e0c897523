import type { OpFailure } from '../src/wire/failure.ts';
import { errnoName } from './netlink/errors.ts';
import { SystemFault } from './netlink/fault.ts';

/** What differs from an ordinary failure. */
type More = Partial<Pick<OpFailure, 'extAck' | 'code' | 'leftBehind'>>;

/** A failure as data, for the op at `op` (null: the whole job). `errno` 0: there is none. */
export function failure(op: number | null, call: string, subject: string, errno: number, more: More = {}): OpFailure {
  const name = errno === 0 ? null : errnoName(errno);
  // What the kernel did not say is an empty text in its answers.
  const extAck = more.extAck || null;
  return { op, call, subject, errnoName: name, code: null, leftBehind: null, ...more, extAck };
}

/** Whatever was thrown, as data. What is no SystemFault is a defect of ours: `E_INTERNAL`. */
export function failureOf(op: number | null, error: unknown): OpFailure {
  if (error instanceof SystemFault) {
    return failure(op, error.call, error.subject, error.errno, { extAck: error.detail });
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return failure(op, 'worker', text, 0, { code: 'E_INTERNAL' });
}
