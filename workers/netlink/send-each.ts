import { MessageBatch } from './message.ts';
import type { Nack, NetlinkSocket } from './socket.ts';

/** A refused message, and the item that it was written for. */
export interface Refused<T> {
  readonly item: T;
  readonly nack: Nack;
}

type Write<T> = (batch: MessageBatch, item: T) => void;

/** Batches that are not in use. A thread needs a second one only if `write` itself sends something. */
const idle: MessageBatch[] = [];

/**
 * Writes the messages of all items into one batch, and sends them with as few system calls as `NetlinkSocket.transact` needs.
 * Returns the messages that were refused, in the order in which they were written. `write` may write any number of messages
 * for an item, also none. Without messages nothing is sent.
 */
export function sendEach<T>(socket: NetlinkSocket, items: readonly T[], write: Write<T>): Refused<T>[] {
  return exchange(items, write, (batch) => socket.transact(batch));
}

/** As `sendEach`, but in one send that no signal divides, and nothing is sent again (`NetlinkSocket.transactAtOnce`). */
export function sendAtOnce<T>(socket: NetlinkSocket, items: readonly T[], write: Write<T>): Refused<T>[] {
  return exchange(items, write, (batch) => socket.transactAtOnce(batch));
}

/** As `sendEach`, but in one send that is carried out whole or not at all (`NetlinkSocket.transactWhole`). */
export function sendWhole<T>(socket: NetlinkSocket, items: readonly T[], write: Write<T>): Refused<T>[] {
  return exchange(items, write, (batch) => socket.transactWhole(batch));
}

/** Sends the one message that `write` writes. Returns its refusal, or null. */
export function sendOne(socket: NetlinkSocket, write: (batch: MessageBatch) => void): Nack | null {
  return sendEach(socket, [null], write)[0]?.nack ?? null;
}

function exchange<T>(
  items: readonly T[],
  write: Write<T>,
  send: (batch: MessageBatch) => readonly Nack[],
): Refused<T>[] {
  const batch = idle.pop() ?? new MessageBatch();
  try {
    batch.reset();
    const owners: T[] = [];
    for (const item of items) {
      write(batch, item);
      while (owners.length < batch.count) owners.push(item);
    }
    return send(batch).map((nack) => ({ item: owners[nack.index] as T, nack }));
  } finally {
    idle.push(batch);
  }
}
