import * as libc from '../libc.ts';
import { type Ack, isMessage, readAck, sizeAt } from './ack.ts';
import { align4 } from './attributes.ts';
import * as nl from './constants.ts';
import { ERRNO, isTransient, pause } from './errors.ts';
import { SystemFault } from './fault.ts';
import type { MessageBatch } from './message.ts';

/** A message that the kernel refused. */
export interface Nack extends Ack {
  /** Index of the message in its batch. */
  readonly index: number;
  /** The answer was lost, so the kernel may have carried the message out. The message is not sent again. */
  readonly isLost?: true;
}

/** Messages that were given to `NetlinkSocket.submit`: those from `first` up to `next`, and what it returned. */
export interface Submitted {
  readonly first: number;
  readonly next: number;
  readonly sent: number;
}

/** How a query ended. */
export interface QueryEnd {
  /** 0: all was read. */
  readonly errno: number;
  readonly message: string;
  /** The kernel's tables changed during the dump, so entries may be missing or doubled. */
  readonly interrupted: boolean;
}

/** Most messages per send. More would gain nothing, and would delay cancelling. */
const MESSAGES_PER_SEND = 64;
/** Well below the kernel's default of SO_SNDBUF (212,992). */
const BYTES_PER_SEND = 128 * 1024;
/** A thread blocked in a system call can't be stopped from outside. */
const RECEIVE_TIMEOUT_SECONDS = 10;
const RETRY_PAUSES_MS = [1, 5, 20] as const;

/** Makes recv(2) return the full length of a message that did not fit. */
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;

/** The receive buffer. The kernel sends dumps in pieces of up to 32 KiB if the buffer has room (netlink_recvmsg). It grows after a message that did not fit. */
let received = Buffer.from(new ArrayBuffer(64 * 1024));
let receivedWords = new Uint32Array(received.buffer);

/** Least bytes of an acknowledgement: struct nlmsghdr and the error (linux/netlink.h, struct nlmsgerr). */
const ACK_BYTES = nl.NLMSG_HDRLEN + 4;

/** Whether what was received is one acknowledgement without an error, of this message. Nearly all answers are: few words tell it. */
function isDone(length: number, seq: number): boolean {
  const words = receivedWords;
  const isOne = length >= ACK_BYTES && words[0] === length;
  return isOne && ((words[1] ?? 0) & 0xffff) === nl.NLMSG_ERROR && words[2] === seq && words[4] === 0;
}

/** The acknowledgements, of refusals too, in what was received. */
function* acksIn(length: number): Generator<Ack & { readonly seq: number }> {
  for (let at = 0; isMessage(received, at, length); at += align4(sizeAt(received, at))) {
    if (received.readUInt16LE(at + 4) !== nl.NLMSG_ERROR) continue;
    yield { seq: received.readUInt32LE(at + 8), ...readAck(received, at) };
  }
}

/** Where the send ends that begins with the message at `first` and has at most those before `to`. */
export function endOfSend(batch: MessageBatch, first: number, to: number): number {
  let next = Math.min(to, first + MESSAGES_PER_SEND);
  while (next > first + 1 && batch.span(first, next - 1) > BYTES_PER_SEND) next--;
  return next;
}

/**
 * A netlink socket. It stays bound to the namespace in which it was opened, even if its thread enters another one. The kernel
 * carries out the messages of a send before `send` returns. It acknowledges only refusals and the last message.
 */
export class NetlinkSocket {
  /** Called before each send of this thread. null: nobody wants to know. */
  static onSend: (() => void) | null = null;
  readonly fd: number;
  #isStrict = false;

  /**
   * Opens a socket in the calling thread's present namespace, for NETLINK_ROUTE unless another protocol is given. Sets only the
   * options that sending needs: a lab opens thousands of sockets, most of them for two sends. Throws SystemFault.
   */
  constructor(protocol: number = nl.NETLINK_ROUTE) {
    const fd = libc.socket(nl.AF_NETLINK, nl.SOCK_RAW | nl.SOCK_CLOEXEC, protocol);
    if (fd < 0) throw new SystemFault('socket', 'AF_NETLINK', -fd);
    this.fd = fd;
    libc.setsockopt(fd, nl.SOL_SOCKET, nl.SO_RCVTIMEO, RECEIVE_TIMEOUT);
    libc.setsockopt(fd, nl.SOL_NETLINK, nl.NETLINK_EXT_ACK, ON);
    libc.setsockopt(fd, nl.SOL_NETLINK, nl.NETLINK_CAP_ACK, ON);
  }

  [Symbol.dispose](): void {
    libc.close(this.fd);
  }

  /**
   * Sends the batch, or its messages from `from` up to `to`, and sends messages with transient failures again. Returns the messages that
   * failed, in order of their index.
   */
  transact(batch: MessageBatch, from = 0, to = batch.count): Nack[] {
    const nacks: Nack[] = [];
    let next = from;
    for (let first = from; first < to; first = next) {
      next = endOfSend(batch, first, to);
      const refused = this.#exchange(batch, first, next);
      if (refused.length > 0) nacks.push(...this.#tryAgain(batch, refused));
    }
    return nacks;
  }

  /**
   * Sends the batch, of at most 128 KiB, by one system call, which the kernel carries out before a signal can end this process. Nothing is
   * sent again. Returns the messages that failed, in order of their index.
   */
  transactAtOnce(batch: MessageBatch): Nack[] {
    return this.#exchange(batch, 0, batch.count);
  }

  /**
   * Sends messages of a batch, as `slice` gives them, and asks for no acknowledgement: the kernel has carried them out when this returns,
   * and whatever it refused waits in the socket. Returns what `refusals` is told.
   */
  submit(messages: Buffer): number {
    return this.#send(messages);
  }

  /**
   * What became of the messages that were given to `submit`, in order of their index: all that this socket has sent without asking for
   * acknowledgements. Those with transient failures are sent again. Returns the messages that failed, in the same order.
   */
  refusals(batch: MessageBatch, sends: readonly Submitted[]): Nack[] {
    const unsent = sends.flatMap(({ first, next, sent }) => (sent < 0 ? notSent(first, next, -sent) : []));
    const [first, next] = [sends[0]?.first ?? 0, sends.at(-1)?.next ?? 0];
    const refused = this.#waiting(batch, first, next, unsent).sort((a, b) => a.index - b.index);
    return refused.length === 0 ? refused : this.#tryAgain(batch, refused);
  }

  /** The refusals that the socket has by now, and those that are known. */
  #waiting(batch: MessageBatch, first: number, next: number, known: readonly Nack[]): Nack[] {
    const [firstSeq, lastSeq] = [batch.seqOf(first), batch.seqOf(next - 1)];
    const nacks = [...known];
    for (let length = this.#receive(MSG_DONTWAIT); length !== -ERRNO.EAGAIN; length = this.#receive(MSG_DONTWAIT)) {
      if (length < 0) return unknown(first, next, nacks, lossOf(-length));
      for (const { seq, ...ack } of acksIn(length)) {
        if (seq >= firstSeq && seq <= lastSeq && ack.errno !== 0)
          nacks.push({ index: first + (seq - firstSeq), ...ack });
      }
    }
    return nacks;
  }

  /**
   * Sends the batch as one transaction of nfnetlink, which the kernel carries out whole or not at all. Its first and last message
   * begin and end the transaction. Returns every refusal. A refusal of the first message concerns the whole transaction.
   */
  transactWhole(batch: MessageBatch): Nack[] {
    return this.#exchange(batch, 0, batch.count, batch.count - 2);
  }

  /**
   * Sends the batch's only message, a request for data. Passes each message of the answer to `onMessage`: its type, and the range
   * of its payload in `bytes`, which is valid only during the call.
   */
  query(batch: MessageBatch, onMessage: (type: number, bytes: Buffer, start: number, end: number) => void): QueryEnd {
    this.#beStrict();
    const sent = this.#send(batch.slice(0, 1));
    if (sent < 0) return { errno: -sent, message: '', interrupted: false };
    const seq = batch.seqOf(0);
    let interrupted = false;
    for (;;) {
      const length = this.#receive();
      // The rest of the dump would otherwise be read as the next answer.
      if (length === -ERRNO.EMSGSIZE) this.#drain();
      if (length < 0) return { ...lossOf(-length), interrupted };
      for (let at = 0; isMessage(received, at, length); at += align4(sizeAt(received, at))) {
        if (received.readUInt32LE(at + 8) !== seq) continue;
        const type = received.readUInt16LE(at + 4);
        const flags = received.readUInt16LE(at + 6);
        interrupted ||= (flags & nl.NLM_F_DUMP_INTR) !== 0;
        if (type === nl.NLMSG_ERROR || type === nl.NLMSG_DONE) {
          const { errno, message } = readAck(received, at);
          return { errno, message, interrupted };
        }
        onMessage(type, received, at + nl.NLMSG_HDRLEN, at + sizeAt(received, at));
        if ((flags & nl.NLM_F_MULTI) === 0) return { errno: 0, message: '', interrupted };
      }
    }
  }

  /** Makes the kernel filter dumps by the fields of the request. Old kernels lack this option and send everything. */
  #beStrict(): void {
    if (this.#isStrict) return;
    libc.setsockopt(this.fd, nl.SOL_NETLINK, nl.NETLINK_GET_STRICT_CHK, ON);
    this.#isStrict = true;
  }

  /** Sends the messages from `first` up to `next` and returns the refusals. The message at `acked` is acknowledged even on success, after all others. */
  #exchange(batch: MessageBatch, first: number, next: number, acked = next - 1): Nack[] {
    batch.askAck(acked);
    const sent = this.#send(batch.slice(first, next));
    if (sent < 0) return notSent(first, next, -sent);
    return this.#answers(batch, first, next, acked);
  }

  #answers(batch: MessageBatch, first: number, next: number, acked: number): Nack[] {
    const firstSeq = batch.seqOf(first);
    const lastSeq = batch.seqOf(acked);
    const isBracketed = acked < next - 1;
    const nacks: Nack[] = [];
    for (let length = this.#receive(); !isDone(length, lastSeq); length = this.#receive()) {
      if (length < 0) return unknown(first, next, nacks, lossOf(-length));
      for (const { seq, ...ack } of acksIn(length)) {
        if (seq < firstSeq || seq > lastSeq) continue;
        if (ack.errno !== 0) nacks.push({ index: first + (seq - firstSeq), ...ack });
        if (seq === lastSeq || (isBracketed && seq === firstSeq)) return nacks;
      }
    }
    return nacks;
  }

  /** Sends messages with transient refusals again, one by one. Once one has succeeded, all later refused messages are sent again, since they may depend on it. */
  #tryAgain(batch: MessageBatch, nacks: readonly Nack[]): Nack[] {
    let passed = false;
    const left: Nack[] = [];
    for (const nack of nacks) {
      const isWorthIt = nack.isLost === undefined && (passes(batch, nack) || passed);
      const last = isWorthIt ? this.#retry(batch, nack) : nack;
      if (last === null) passed = true;
      else left.push(last);
    }
    return left;
  }

  #retry(batch: MessageBatch, nack: Nack): Nack | null {
    let last = nack;
    for (const milliseconds of RETRY_PAUSES_MS) {
      if (passes(batch, last)) pause(milliseconds);
      batch.renumber(nack.index);
      const [again] = this.#exchange(batch, nack.index, nack.index + 1);
      if (!again) return null;
      last = again;
      if (!passes(batch, last) || last.isLost) break;
    }
    return last;
  }

  #send(bytes: Buffer): number {
    NetlinkSocket.onSend?.();
    let sent = libc.send(this.fd, bytes, 0);
    if (sent >= 0) return sent;
    // The transaction is too large, or the administrator allows less than the kernel's default.
    if (sent === -ERRNO.EMSGSIZE) {
      libc.setsockopt(this.fd, nl.SOL_SOCKET, nl.SO_SNDBUFFORCE, uint32(bytes.length));
      sent = libc.send(this.fd, bytes, 0);
    }
    for (const milliseconds of RETRY_PAUSES_MS) {
      if (sent >= 0 || !isTransient(-sent)) break;
      pause(milliseconds);
      sent = libc.send(this.fd, bytes, 0);
    }
    return sent;
  }

  /** Receives the next piece. Returns its length, or the negative errno. -EMSGSIZE: the piece did not fit and is lost, and the buffer has grown. */
  #receive(flags = 0): number {
    for (;;) {
      const length = libc.recv(this.fd, received, MSG_TRUNC | flags);
      if (length > received.length) {
        received = Buffer.from(new ArrayBuffer(align4(2 * length)));
        receivedWords = new Uint32Array(received.buffer);
        return -ERRNO.EMSGSIZE;
      }
      if (length !== -ERRNO.EINTR) return length;
    }
  }

  /** Receives and discards all waiting messages. */
  #drain(): void {
    for (;;) {
      const length = libc.recv(this.fd, received, MSG_TRUNC | MSG_DONTWAIT);
      if (length <= 0 && length !== -ERRNO.EINTR && length !== -ERRNO.ENOBUFS) return;
    }
  }
}

/** Whether a refusal may pass. EBUSY for a device that is to be made does not: its index is taken (net/core/dev.c, dev_index_reserve). */
function passes(batch: MessageBatch, { errno, index }: Pick<Nack, 'errno' | 'index'>): boolean {
  return isTransient(errno) && !(errno === ERRNO.EBUSY && batch.makesDevice(index));
}

/** The meaning of a failed recv. EAGAIN: no answer came within SO_RCVTIMEO. ENOBUFS: an answer found no room in the socket (socket(7), netlink(7)). */
function lossOf(errno: number): { readonly errno: number; readonly message: string } {
  if (errno === ERRNO.EAGAIN) return { errno: ERRNO.ETIMEDOUT, message: 'the kernel did not answer' };
  if (errno === ERRNO.ENOBUFS) return { errno, message: 'the kernel’s answer found no room in the socket' };
  if (errno === ERRNO.EMSGSIZE) return { errno, message: 'the kernel’s answer was larger than the buffer for it' };
  return { errno, message: 'the kernel’s answer could not be read' };
}

/** A refusal for each message from `first` up to `next`, none of which reached the kernel. */
function notSent(first: number, next: number, errno: number): Nack[] {
  const message = 'not sent';
  return Array.from({ length: next - first }, (_, at) => ({ index: first + at, errno, message, offset: 0 }));
}

/** A refusal for each message from `first` up to `next` that is not among `nacks`, because its answer is lost. */
function unknown(first: number, next: number, nacks: readonly Nack[], loss: ReturnType<typeof lossOf>): Nack[] {
  const known = new Set(nacks.map(({ index }) => index));
  const all = [...nacks];
  for (let index = first; index < next; index++) {
    if (!known.has(index)) all.push({ index, ...loss, offset: 0, isLost: true });
  }
  return all.sort((a, b) => a.index - b.index);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const ON = uint32(1);

/** A `struct timeval` of 64-bit fields. */
const RECEIVE_TIMEOUT = Buffer.alloc(16);
RECEIVE_TIMEOUT.writeBigInt64LE(BigInt(RECEIVE_TIMEOUT_SECONDS));
