/** Says what an error of the client means. By its names and numbers: classes would have to be loaded. */

/** Error codes of JetStream's API (nats-server, `server/errors.json`). */
const WRONG_LAST = [10071, 10164];
const STREAM_NOT_FOUND = 10059;
const MESSAGE_NOT_FOUND = 10037;
const NOT_FOUND_STATUS = 404;

/** Errors of the client that do not go away by waiting. */
const LASTING = ['AuthorizationError', 'PermissionViolationError', 'InvalidSubjectError', 'InvalidArgumentError'];

interface Faulty {
  readonly name?: string;
  readonly code?: number | string;
  readonly message?: string;
  readonly cause?: unknown;
}

/** `conflict`: the key is not as expected. `missing`: there is no such bucket. `lasting`: trying again does not help. */
export type Fault = 'conflict' | 'missing' | 'lasting' | 'passing';

export function faultOf(error: unknown): Fault {
  const { code, name = '', cause } = error as Faulty;
  if (WRONG_LAST.includes(Number(code))) return 'conflict';
  if (code === STREAM_NOT_FOUND || name === 'StreamNotFoundError') return 'missing';
  if (LASTING.includes(name)) return 'lasting';
  return cause instanceof Error ? faultOf(cause) : 'passing';
}

/** Whether it says that a key has no value. */
export function isNotFound(error: unknown): boolean {
  const { code } = error as Faulty;
  return code === MESSAGE_NOT_FOUND || code === NOT_FOUND_STATUS;
}

/** What it says, for people, with what is behind it. */
export function textOf(error: unknown): string {
  const { message = String(error), cause } = error as Faulty;
  const inner = cause instanceof Error && cause.message !== message ? `: ${cause.message}` : '';
  return `${message}${inner}`;
}
