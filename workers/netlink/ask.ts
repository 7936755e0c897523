import { ERRNO } from './errors.ts';
import { SystemFault } from './fault.ts';
import { MessageBatch } from './message.ts';
import type { NetlinkSocket, QueryEnd } from './socket.ts';

/** Takes a message of an answer: its type, and the range of its payload in `bytes`, which is valid only during the call. */
export type OnAnswer = (type: number, bytes: Buffer, start: number, end: number) => void;

/** The batch of all requests of this thread. Callers may be in the middle of writing a batch of their own. */
const request = new MessageBatch();

/** Sends the one request that `write` writes, and passes each message of the answer on. `onAnswer` may ask no further question. */
export function ask(socket: NetlinkSocket, write: (batch: MessageBatch) => void, onAnswer: OnAnswer): QueryEnd {
  request.reset();
  write(request);
  return socket.query(request, onAnswer);
}

/** Most tries of a dump. It is repeated if the kernel's tables changed meanwhile, or if it did not fit. */
const DUMP_TRIES = 5;

/**
 * What `read` makes of each message of the answer to a request for all there is; null is left out. `call` names it in faults.
 * `unsure` says what becomes of a dump during which the tables changed each time: it is taken as it is, as the next look will tell,
 * or is a fault (EINTR). Throws SystemFault.
 */
export function dump<T>(
  socket: NetlinkSocket,
  call: string,
  write: (batch: MessageBatch) => void,
  read: (bytes: Buffer, start: number, end: number) => T | null,
  unsure: 'taken' | 'fault' = 'taken',
): T[] {
  for (let tries = 1; ; tries++) {
    const items: T[] = [];
    const { errno, message, interrupted } = ask(socket, write, (_type, bytes, start, end) => {
      const item = read(bytes, start, end);
      if (item !== null) items.push(item);
    });
    const isLast = tries === DUMP_TRIES;
    // The socket's buffer has grown, so the next try has room.
    if (errno === ERRNO.EMSGSIZE && !isLast) continue;
    if (errno !== 0) throw new SystemFault(call, 'dump', errno, message);
    if (!interrupted) return items;
    if (!isLast) continue;
    if (unsure === 'taken') return items;
    throw new SystemFault(call, 'dump', ERRNO.EINTR, `it changed during each of ${DUMP_TRIES} looks`);
  }
}
