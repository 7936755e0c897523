import type { OpFailure } from '../src/wire/failure.ts';
import { errnoName } from './netlink/errors.ts';
import { SystemFault } from './netlink/fault.ts';

/** What differs from an ordinary failure. */
type More = Partial<Pick<OpFailure, 'extAck' | 'code' | 'leftBehind'>>;

/** A failure as data, for the op at `op` (-1: the whole job). */
export function failure(op: number, call: string, subject: string, errno: number, more: More = {}): OpFailure {
  return { op, call, subject, errno, errnoName: errnoName(errno), extAck: '', code: '', leftBehind: '', ...more };
}

/** Whatever was thrown, as data. What is no SystemFault is a defect of ours: `E_INTERNAL`. */
export function failureOf(op: number, error: unknown): OpFailure {
  if (error instanceof SystemFault) {
    return failure(op, error.call, error.subject, error.errno, { extAck: error.detail });
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return failure(op, 'worker', text, 0, { code: 'E_INTERNAL' });
}
