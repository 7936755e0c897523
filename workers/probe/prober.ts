import { type ProbeBatch, type ProbeReport, TO_ALL } from '../../src/wire/probe.ts';
import * as libc from '../libc.ts';
import { ERRNO } from '../netlink/errors.ts';
import { POLLIN } from '../waiting/waiting.ts';
import type { OpenEnd, OpenEnds, ProbeSocket } from './ends.ts';
import { FRAME_BYTES_MIN, PROBE_BYTES, writeHeader, writeProbe } from './frame.ts';
import { probeOffset, writePacket } from './ip.ts';
import { Receiver } from './receiver.ts';
import { writeAddress } from './socket.ts';
import { MessageVector, outside, SOCKADDR_LL_BYTES } from './vector.ts';

/** Probes sent with one system call. */
const SENT_AT_ONCE = 64;
/** After so many probes what has arrived is read, so that no socket runs over. */
const SENT_UNREAD = 512;
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
    this.#drain(this.#open.sockets);
    for (const [index, errno] of refused.entries()) if (errno !== 0) this.#forget(index);
    if (this.#lackingInAll > 0 && batch.waitMs > 0) this.#wait(batch.waitMs);
    return { report: 'sent', refused, arrivals: this.#receiver.take() };
  }

  get received(): number {
    return this.#receiver.received;
  }

  #sendSingly(batch: ProbeBatch, refused: Int32Array): void {
    for (let index = 0; index < refused.length && !this.#isStopped(); index++) {
      const from = this.#open.ends[batch.from[index] ?? -1];
      const socket = this.#open.sockets[from?.socket ?? -1];
      const peer = this.#socketOf(batch.to[index] ?? TO_ALL);
      this.#write(this.#large, index);
      if (from === undefined || socket === undefined) {
        refused[index] = ERRNO.ENETUNREACH;
        continue;
      }
      this.#addressTo(this.#address, from);
      refused[index] = this.#sendOne(socket, index, peer);
      if (peer !== undefined) this.#receiver.drain(peer, this.#onArrival);
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
        this.#drain(this.#open.sockets);
        unread = 0;
      }
      index = end;
    }
  }

  /** The end of a run of small probes that one socket sends. */
  #runEnd(batch: ProbeBatch, start: number): number {
    const socket = this.#open.ends[batch.from[start] ?? -1]?.socket;
    let end = start + 1;
    while (
      end < batch.from.length &&
      end - start < SENT_AT_ONCE &&
      this.#open.ends[batch.from[end] ?? -1]?.socket === socket
    ) {
      end += 1;
    }
    return end;
  }

  #sendRun(batch: ProbeBatch, start: number, end: number, refused: Int32Array): void {
    const socket = this.#open.sockets[this.#open.ends[batch.from[start] ?? -1]?.socket ?? -1];
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
      const from = this.#open.ends[batch.from[at] ?? -1];
      if (from !== undefined) this.#addressTo(this.#address, from);
      refused[at] = this.#sendOne(socket, at, undefined);
      at += 1;
    }
  }

  #prepare(batch: ProbeBatch, index: number, slot: number): void {
    const from = this.#open.ends[batch.from[index] ?? -1];
    if (from === undefined) return;
    this.#write(this.#vector.frame[slot] as Buffer, index);
    this.#addressTo(this.#vector.name[slot] as Buffer, from);
    this.#vector.setLength(slot, batch.bytes[index] ?? FRAME_BYTES_MIN);
  }

  #addressTo(address: Buffer, { ethertype, ifindex }: OpenEnd): void {
    writeAddress(address, ethertype, ifindex);
  }

  /** Writes a probe of the batch into a frame whose rest is zero. */
  #write(frame: Buffer, index: number): void {
    const number = this.#batch?.from[index] ?? -1;
    const from = this.#open.ends[number];
    if (from === undefined) return;
    const bytes = this.#batch?.bytes[index] ?? FRAME_BYTES_MIN;
    const to = this.#open.ends[this.#batch?.to[index] ?? TO_ALL];
    writeHeader(frame, to?.macBytes ?? null, from.macBytes, from.ethertype);
    writeProbe(frame, from.offset, this.#run, { number: this.#first + index, from: number, bytes });
    const end = from.offset + PROBE_BYTES;
    frame.fill(0, end, SMALL_BYTES);
    if (from.address !== null) writePacket(frame, bytes, end, from.address, to?.address ?? from.address);
  }

  #socketOf(end: number): ProbeSocket | undefined {
    return this.#open.sockets[this.#open.ends[end]?.socket ?? -1];
  }

  #drain(sockets: Iterable<ProbeSocket>): void {
    for (const socket of sockets) this.#receiver.drain(socket, this.#onArrival);
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
    const sockets = this.#lackingSockets();
    const polled = Buffer.alloc(sockets.length * POLLFD_BYTES);
    sockets.forEach(({ fd }, index) => {
      polled.writeInt32LE(fd, index * POLLFD_BYTES);
      polled.writeInt16LE(POLLIN, index * POLLFD_BYTES + 4);
    });
    const untilMs = performance.now() + waitMs;
    for (;;) {
      const leftMs = Math.ceil(untilMs - performance.now());
      if (leftMs <= 0 || this.#lackingInAll <= 0 || this.#isStopped()) return;
      if (libc.poll(polled, Math.min(leftMs, WAIT_SLICE_MS)) <= 0) continue;
      sockets.forEach((socket, index) => {
        if (polled.readInt16LE(index * POLLFD_BYTES + 6) !== 0) this.#receiver.drain(socket, this.#onArrival);
      });
    }
  }

  /** The sockets at which something is missing: of a broadcast, that can be all. */
  #lackingSockets(): readonly ProbeSocket[] {
    const { to } = this.#batch ?? { to: new Int32Array(0) };
    const lacking = new Set<ProbeSocket>();
    for (let index = 0; index < to.length; index++) {
      if ((this.#lacking[index] ?? 0) <= 0) continue;
      if (to[index] === TO_ALL) return this.#open.sockets;
      const socket = this.#socketOf(to[index] ?? TO_ALL);
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
