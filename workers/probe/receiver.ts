import type { ProbeArrivals } from '../../src/wire/probe.ts';
import * as libc from '../libc.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { OpenEnds, ProbeSocket } from './ends.ts';
import { FRAME_BYTES_MIN, PROBE_BYTES, readProbe } from './frame.ts';
import { probeOffset } from './ip.ts';
import { ifindexOf } from './socket.ts';
import { MessageVector } from './vector.ts';

/** sys/socket.h: the length of the whole message is wanted, whatever the room. */
const MSG_TRUNC = 0x20;
/** Messages received with one system call. */
const RECEIVED_AT_ONCE = 64;
/** struct cmsghdr and a struct timespec (SCM_TIMESTAMPNS), with room for what is not asked for. */
const CONTROL_BYTES = 64;
const SECONDS_AT = 16;
const NANOSECONDS_AT = 24;
/**
 * More frames than this in one batch are a loop in the lab, which multiplies them: then nothing more is read. A lab without loops
 * has at most as many as its largest bridge has ports, for each broadcast.
 */
const ARRIVALS_MAX = 500_000;

/** Is told of each probe that arrived at an end (-1: at another device). */
export type OnArrival = (probe: number, end: number) => void;

/** Reads what has arrived, and keeps it until it is taken. */
export class Receiver {
  readonly #open: OpenEnds;
  readonly #run: Buffer;
  readonly #vector = new MessageVector(RECEIVED_AT_ONCE, {
    frameBytes: Math.max(FRAME_BYTES_MIN, probeOffset(6) + PROBE_BYTES),
    controlBytes: CONTROL_BYTES,
  });
  /** When each probe was sent, by its number: nanoseconds since `baseSeconds`. */
  readonly sentNs: number[] = [];
  readonly baseSeconds: number;
  #probe: number[] = [];
  #at: number[] = [];
  #tookNs: number[] = [];
  #others: { place: number; ifindex: number }[] = [];
  readonly #otherAt = new Map<string, number>();
  /** Frames that were read, those of others and of earlier runs included. */
  received = 0;

  constructor(open: OpenEnds, run: Buffer, baseSeconds: number) {
    this.#open = open;
    this.#run = run;
    this.baseSeconds = baseSeconds;
  }

  /** Reads all that waits at a socket. */
  drain(socket: ProbeSocket, onArrival: OnArrival): void {
    for (;;) {
      if (this.#probe.length > ARRIVALS_MAX) return;
      const count = libc.recvmmsg(socket.fd, this.#vector.bytes, RECEIVED_AT_ONCE, MSG_TRUNC);
      // A device that went down is told once by an error (ENETDOWN), and then the rest is read.
      if (count === -ERRNO.EINTR || count === -ERRNO.ENETDOWN) continue;
      if (count <= 0) return;
      this.received += count;
      for (let index = 0; index < count; index++) this.#note(socket, index, onArrival);
      this.#vector.reset(count);
      if (count < RECEIVED_AT_ONCE) return;
    }
  }

  /** What has arrived since the last time. */
  take(): ProbeArrivals {
    const taken = {
      probe: Int32Array.from(this.#probe),
      at: Int32Array.from(this.#at),
      tookNs: Float64Array.from(this.#tookNs),
      others: this.#others,
    };
    this.#probe = [];
    this.#at = [];
    this.#tookNs = [];
    this.#others = [];
    this.#otherAt.clear();
    return taken;
  }

  #note(socket: ProbeSocket, index: number, onArrival: OnArrival): void {
    const frame = this.#vector.frame[index] as Buffer;
    const probe = readProbe(frame, socket.offset, this.#run);
    // Cut short on its way, or damaged: as good as lost.
    if (probe === null || probe.bytes !== this.#vector.lengthOf(index)) return;
    const sentNs = this.sentNs[probe.number];
    if (sentNs === undefined) return;
    const ifindex = ifindexOf(this.#vector.name[index] as Buffer);
    const end = socket.only ?? this.#open.endAt(socket.place, ifindex) ?? -1;
    this.#probe.push(probe.number);
    this.#at.push(end >= 0 ? end : -1 - this.#other(socket.place, ifindex));
    this.#tookNs.push(this.#arrivedNs(index) - sentNs);
    onArrival(probe.number, end);
  }

  #arrivedNs(index: number): number {
    const control = this.#vector.control[index] as Buffer;
    const seconds = control.readUInt32LE(SECONDS_AT) + control.readInt32LE(SECONDS_AT + 4) * 2 ** 32;
    return (seconds - this.baseSeconds) * 1e9 + control.readUInt32LE(NANOSECONDS_AT);
  }

  #other(place: number, ifindex: number): number {
    const key = `${place} ${ifindex}`;
    const known = this.#otherAt.get(key);
    if (known !== undefined) return known;
    this.#otherAt.set(key, this.#others.length);
    return this.#others.push({ place, ifindex }) - 1;
  }
}
