/** Sends messages to many namespaces as close to each other in time as the kernel can carry them out. */
import * as libc from '../libc.ts';
import type { NetlinkSocket } from './socket.ts';

/** Finished messages, as `MessageBatch.slice` gives them, and their socket. */
export interface RowSend {
  readonly socket: NetlinkSocket;
  readonly messages: Buffer;
}

/** What has become of a send. */
export interface RowSent {
  /** As `NetlinkSocket.submit` returns it. */
  readonly sent: number;
  /** Whether the socket has something for `NetlinkSocket.refusals` to read, of this send or another one. */
  readonly isRefused: boolean;
  /** As `performance.now` has them. */
  readonly startedMs: number;
  readonly endedMs: number;
}

/**
 * Carries out sends for whose success no acknowledgement is asked. The kernel has carried out a send when it returns, and what it refused
 * waits in the socket: one look at all sockets tells where. So a send takes one system call. Stops when `isCancelled` says so; the
 * result is shorter then. The last one's time has the look.
 */
export function sendRow(row: readonly RowSend[], isCancelled: () => boolean): readonly RowSent[] {
  const polled = polledOf(row);
  // What has run once is loaded, and does not have to be between the first message and the last.
  libc.poll(polled, 0);
  const sent: number[] = [];
  const timesMs = [performance.now()];
  for (const { socket, messages } of row) {
    if (isCancelled()) break;
    sent.push(socket.submit(messages));
    timesMs.push(performance.now());
  }
  const ready = libc.poll(polled, 0);
  timesMs[sent.length] = performance.now();
  return sent.map((result, at) => ({
    sent: result,
    isRefused: result < 0 || (ready !== 0 && hasAnswer(polled, at, ready)),
    startedMs: timesMs[at] ?? 0,
    endedMs: timesMs[at + 1] ?? 0,
  }));
}

/** poll.h: struct pollfd, of which `revents` is what the kernel fills. */
const POLLFD_BYTES = 8;
const EVENTS = 4;
const REVENTS = 6;
const POLLIN = 0x001;

function polledOf(row: readonly RowSend[]): Buffer {
  const polled = Buffer.alloc(row.length * POLLFD_BYTES);
  row.forEach(({ socket }, at) => {
    polled.writeInt32LE(socket.fd, at * POLLFD_BYTES);
    polled.writeInt16LE(POLLIN, at * POLLFD_BYTES + EVENTS);
  });
  return polled;
}

/** An answer, or an error of the socket. Where poll(2) has failed, there may be one. */
function hasAnswer(polled: Buffer, at: number, ready: number): boolean {
  return ready < 0 || polled.readInt16LE(at * POLLFD_BYTES + REVENTS) !== 0;
}
