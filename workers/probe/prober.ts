import { type ProbeBatch, type ProbeReport, TO_ALL } from '../../src/wire/probe.ts';
import * as libc from '../libc.ts';
import { ERRNO } from '../netlink/errors.ts';
import { POLLIN } from '../waiting/waiting.ts';
import type { OpenEnds, ProbeSocket } from './ends.ts';
import { FRAME_BYTES_MIN, PROBE_BYTES, writeHeader, writeProbe } from './frame.ts';
import { probeOffset, writePacket } from './ip.ts';
import { Receiver } from './receiver.ts';
import { writeAddress } from './socket.ts';
import { MessageVector, outside, SOCKADDR_LL_BYTES } from './vector.ts';

/** Probes sent with one system call. */
const SENT_AT_ONCE = 64;
/** After so many probes what has arrived is read, so that no socket runs over. */
const SENT_UNREAD = 512;
/** The same of full-size probes to other hosts, which nobody reads at once. */
const FULL_UNREAD = 16;
/** Room for a small frame of any kind. */
const SMALL_BYTES = Math.max(FRAME_BYTES_MIN, probeOffset(6) + PROBE_BYTES);
/** The longest that a device takes: 65,535 bytes behind the header, and a little more. */
const FRAME_BYTES_MAX = 65_600;
/** How long a wait is at most before it is looked whether it is to end. */
const WAIT_SLICE_MS = 50;
const POLLFD_BYTES = 8;

/** How often a probe is sent that the kernel had no room for (EAGAIN, ENOBUFS). */
const TRIES = 2;

/** Sends batches of probes, and reads where they arrive. */
export class Prober {
  readonly #open: OpenEnds;
  readonly #run: Buffer;
  readonly #stop: Int32Array;
  readonly #receiver: Receiver;
  readonly #vector = new MessageVector(SENT_AT_ONCE, { frameBytes: SMALL_BYTES, controlBytes: 0 });
  readonly #large = outside(FRAME_BYTES_MAX);
  readonly #address = Buffer.alloc(SOCKADDR_LL_BYTES);
  readonly #time = Buffer.alloc(16);
  #all: Polled | null = null;
  /** The number of the first probe of the batch. */
  #first = 0;
  #batch: ProbeBatch | null = null;
  /** How many arrivals each probe of the batch still lacks, and all together. */
  #lacking = new Int32Array(0);
  #lackingInAll = 0;

  /** `run`: 8 bytes that no other run has. */
  constructor(open: OpenEnds, run: Buffer, stop: SharedArrayBuffer) {
    this.#open = open;
    this.#run = run;
    this.#stop = new Int32Array(stop);
    this.#receiver = new Receiver(open, run, Math.floor(Date.now() / 1000));
  }

  /** Sends a batch, waits for what is missing as long as it says, and reports. */
  send(batch: ProbeBatch): Extract<ProbeReport, { report: 'sent' }> {
    const count = batch.from.length;
    const refused = new Int32Array(count);
    this.#batch = batch;
    this.#first = this.#receiver.sentNs.length;
    for (let index = 0; index < count; index++) this.#receiver.sentNs.push(0);
    this.#lacking = Int32Array.from(batch.copies);
    this.#lackingInAll = batch.copies.reduce((sum, copies) => sum + copies, 0);
    if (batch.pace === 'singly') this.#sendSingly(batch, refused);
    else this.#sendTogether(batch, refused);
    this.#drainAll();
    for (const [index, errno] of refused.entries()) if (errno !== 0) this.#forget(index);
    if (this.#lackingInAll > 0 && batch.waitMs > 0) this.#wait(batch.waitMs);
    return { report: 'sent', refused, arrivals: this.#receiver.take() };
  }

  get received(): number {
    return this.#receiver.received;
  }

  #sendSingly(batch: ProbeBatch, refused: Int32Array): void {
    for (let index = 0; index < refused.length && !this.#isStopped(); index++) {
      const from = batch.from[index] ?? -1;
      if (this.#open.isElsewhere(from)) continue;
      const socket = this.#open.socketOf(from);
      const peer = this.#open.socketOf(batch.to[index] ?? TO_ALL);
      this.#write(this.#large, index);
      if (socket === undefined) {
        refused[index] = ERRNO.ENETUNREACH;
        continue;
      }
      this.#addressTo(this.#address, from);
      refused[index] = this.#sendOne(socket, index, peer);
      if (peer !== undefined) this.#receiver.drain(peer, this.#onArrival);
      else if (index % FULL_UNREAD === 0) this.#drainAll();
    }
  }

  /** Sends the probe that is in the large buffer. Returns the errno, or 0. */
  #sendOne(socket: ProbeSocket, index: number, peer: ProbeSocket | undefined): number {
    const bytes = this.#batch?.bytes[index] ?? FRAME_BYTES_MIN;
    for (let tries = 1; ; tries++) {
      this.#receiver.sentNs[this.#first + index] = this.#nowNs();
      const sent = libc.sendto(socket.fd, this.#large, bytes, this.#address);
      if (sent >= 0) return 0;
      if (tries >= TRIES || (sent !== -ERRNO.EAGAIN && sent !== -ERRNO.ENOBUFS)) return -sent;
      if (peer !== undefined) this.#receiver.drain(peer, this.#onArrival);
    }
  }

  #sendTogether(batch: ProbeBatch, refused: Int32Array): void {
    const count = batch.from.length;
    let unread = 0;
    for (let index = 0; index < count && !this.#isStopped(); ) {
      const end = this.#runEnd(batch, index);
      this.#sendRun(batch, index, end, refused);
      unread += end - index;
      if (unread >= SENT_UNREAD) {
        this.#drainAll();
        unread = 0;
      }
      index = end;
    }
  }

  /** The end of a run of small probes that one socket sends, or other hosts do. */
  #runEnd(batch: ProbeBatch, start: number): number {
    const socket = this.#open.socketOf(batch.from[start] ?? -1);
    const isElsewhere = this.#isElsewhere(batch, start);
    let end = start + 1;
    while (
      end < batch.from.length &&
      end - start < SENT_AT_ONCE &&
      this.#open.socketOf(batch.from[end] ?? -1) === socket &&
      this.#isElsewhere(batch, end) === isElsewhere
    ) {
      end += 1;
    }
    return end;
  }

  #isElsewhere(batch: ProbeBatch, index: number): boolean {
    return this.#open.isElsewhere(batch.from[index] ?? -1);
  }

  #sendRun(batch: ProbeBatch, start: number, end: number, refused: Int32Array): void {
    if (this.#isElsewhere(batch, start)) return;
    const socket = this.#open.socketOf(batch.from[start] ?? -1);
    const nowNs = this.#nowNs();
    this.#receiver.sentNs.fill(nowNs, this.#first + start, this.#first + end);
    if (socket === undefined) {
      refused.fill(ERRNO.ENETUNREACH, start, end);
      return;
    }
    let at = start;
    while (at < end) {
      for (let index = at; index < end; index++) this.#prepare(batch, index, index - at);
      const sent = libc.sendmmsg(socket.fd, this.#vector.bytes, end - at);
      at += Math.max(0, sent);
      if (at >= end) return;
      // The first that was not sent says why, alone.
      this.#write(this.#large, at);
      this.#addressTo(this.#address, batch.from[at] ?? -1);
      refused[at] = this.#sendOne(socket, at, undefined);
      at += 1;
    }
  }

  #prepare(batch: ProbeBatch, index: number, slot: number): void {
    this.#write(this.#vector.frame[slot] as Buffer, index);
    this.#addressTo(this.#vector.name[slot] as Buffer, batch.from[index] ?? -1);
    this.#vector.setLength(slot, batch.bytes[index] ?? FRAME_BYTES_MIN);
  }

  #addressTo(address: Buffer, end: number): void {
    writeAddress(address, this.#open.ethertypeOf(end), this.#open.ifindexOf(end));
  }

  /** Writes a probe of the batch into a frame whose rest is zero. */
  #write(frame: Buffer, index: number): void {
    const open = this.#open;
    const [from, to] = [this.#batch?.from[index] ?? -1, this.#batch?.to[index] ?? TO_ALL];
    if (!open.has(from)) return;
    const bytes = this.#batch?.bytes[index] ?? FRAME_BYTES_MIN;
    const offset = open.offsetOf(from);
    writeHeader(frame, open.has(to) ? open.macOf(to) : null, open.macOf(from), open.ethertypeOf(from));
    writeProbe(frame, offset, this.#run, { number: this.#first + index, from, bytes });
    const end = offset + PROBE_BYTES;
    frame.fill(0, end, SMALL_BYTES);
    const address = open.addressOf(from);
    if (address !== null) writePacket(frame, bytes, end, address, open.addressOf(to) ?? address);
  }

  /** Reads what has arrived anywhere. Of thousands of sockets poll(2) says which have something: to ask each takes ten times as long. */
  #drainAll(): void {
    this.#all ??= new Polled(this.#open.sockets);
    this.#all.wait(0, (socket) => this.#receiver.drain(socket, this.#onArrival));
  }

  readonly #onArrival = (probe: number, end: number): void => {
    const index = probe - this.#first;
    const lacking = this.#lacking[index];
    if (lacking === undefined || lacking <= 0 || end < 0) return;
    const to = this.#batch?.to[index] ?? TO_ALL;
    if (to !== TO_ALL && to !== end) return;
    this.#lacking[index] = lacking - 1;
    this.#lackingInAll -= 1;
  };

  /** Nobody waits for a probe that was not sent. */
  #forget(index: number): void {
    this.#lackingInAll -= this.#lacking[index] ?? 0;
    this.#lacking[index] = 0;
  }

  /** Waits in poll(2) until nothing is missing any more, or for so long. */
  #wait(waitMs: number): void {
    const polled = new Polled(this.#lackingSockets());
    const untilMs = performance.now() + waitMs;
    for (;;) {
      const leftMs = Math.ceil(untilMs - performance.now());
      if (leftMs <= 0 || this.#lackingInAll <= 0 || this.#isStopped()) return;
      polled.wait(Math.min(leftMs, WAIT_SLICE_MS), (socket) => this.#receiver.drain(socket, this.#onArrival));
    }
  }

  /** The sockets at which something is missing: of a broadcast, that can be all. */
  #lackingSockets(): readonly ProbeSocket[] {
    const { to } = this.#batch ?? { to: new Int32Array(0) };
    const lacking = new Set<ProbeSocket>();
    for (let index = 0; index < to.length; index++) {
      if ((this.#lacking[index] ?? 0) <= 0) continue;
      if (to[index] === TO_ALL) return this.#open.sockets;
      const socket = this.#open.socketOf(to[index] ?? TO_ALL);
      if (socket !== undefined) lacking.add(socket);
    }
    return [...lacking];
  }

  #isStopped(): boolean {
    return Atomics.load(this.#stop, 0) !== 0;
  }

  #nowNs(): number {
    libc.realtime(this.#time);
    const seconds = this.#time.readUInt32LE(0) + this.#time.readInt32LE(4) * 2 ** 32;
    return (seconds - this.#receiver.baseSeconds) * 1e9 + this.#time.readUInt32LE(8);
  }
}

/** Sockets that are waited for together. */
class Polled {
  readonly #sockets: readonly ProbeSocket[];
  readonly #fds: Buffer;

  constructor(sockets: readonly ProbeSocket[]) {
    this.#sockets = sockets;
    this.#fds = Buffer.alloc(sockets.length * POLLFD_BYTES);
    for (const [index, { fd }] of sockets.entries()) {
      this.#fds.writeInt32LE(fd, index * POLLFD_BYTES);
      this.#fds.writeInt16LE(POLLIN, index * POLLFD_BYTES + 4);
    }
  }

  /** Waits so long at most, and tells of each that has something. */
  wait(mostMs: number, onReady: (socket: ProbeSocket) => void): void {
    if (libc.poll(this.#fds, mostMs) <= 0) return;
    for (const [index, socket] of this.#sockets.entries())
      if (this.#fds.readInt16LE(index * POLLFD_BYTES + 6) !== 0) onReady(socket);
  }
}
