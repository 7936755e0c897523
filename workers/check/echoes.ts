import { randomBytes, randomInt } from 'node:crypto';
import type { CheckOutcome, EchoTry } from '../../src/wire/check.ts';
import { failureOf } from '../failure.ts';
import * as libc from '../libc.ts';
import { Namespace } from '../namespaces.ts';
import { ERRNO, errnoName, isTransient } from '../netlink/errors.ts';
import { HomeLost, inodeOf } from '../netns.ts';
import { familyOf, socketAddress } from './address.ts';
import { EchoSocket } from './echo-socket.ts';
import { readIcmp, writeEcho } from './icmp.ts';

/** Requests on their way at a time: more would find no room in the queues between namespaces. */
const IN_FLIGHT_MAX = 4096;
/** Requests that are sent before answers are read again. */
const SENT_AT_ONCE = 64;
/** The longest packet of IP. */
const PACKET_BYTES_MAX = 65_536;
/** By which an answer is known to be to this run. */
const TOKEN_BYTES = 8;

interface Waiting {
  readonly id: number;
  readonly sentMs: number;
  readonly untilMs: number;
  readonly hasToken: boolean;
}

/** A socket, and the requests that wait for an answer at it, by their sequence number. */
interface Place {
  readonly socket: EchoSocket;
  readonly inode: number | null;
  readonly waiting: Map<number, Waiting>;
  next: number;
}

/** Echo requests from many namespaces: one socket for each namespace, family and source. */
export class Echoes {
  readonly #places = new Map<string, Place>();
  readonly #token = randomBytes(TOKEN_BYTES);
  readonly #packet = Buffer.alloc(PACKET_BYTES_MAX);
  readonly #received = Buffer.alloc(PACKET_BYTES_MAX);
  readonly #tell: (outcome: CheckOutcome) => void;
  #queue: EchoTry[] = [];
  #at = 0;
  #inFlight = 0;

  constructor(tell: (outcome: CheckOutcome) => void) {
    this.#tell = tell;
  }

  add(tries: readonly EchoTry[]): void {
    this.#dropReplaced(tries);
    this.#queue = [...this.#queue.slice(this.#at), ...tries];
    this.#at = 0;
  }

  get isBusy(): boolean {
    return this.#inFlight > 0 || this.#at < this.#queue.length;
  }

  /** Whether something can be sent now. */
  get canSend(): boolean {
    return this.#at < this.#queue.length && this.#inFlight < IN_FLIGHT_MAX;
  }

  /** The sockets at which an answer is waited for. */
  waitingFds(): readonly number[] {
    return [...this.#places.values()].filter(({ waiting }) => waiting.size > 0).map(({ socket }) => socket.fd);
  }

  /** Sends some of what waits to be sent. */
  send(): void {
    for (let count = 0; count < SENT_AT_ONCE && this.canSend; count++) {
      const one = this.#queue[this.#at] as EchoTry;
      this.#at += 1;
      this.#sendOne(one);
    }
  }

  /** Reads all that has come. */
  receive(): void {
    for (const place of this.#places.values()) if (place.waiting.size > 0) this.#drain(place);
  }

  /** Gives up what has waited long enough. */
  expire(nowMs: number): void {
    for (const { waiting } of this.#places.values()) {
      for (const [sequence, { id, untilMs }] of waiting) {
        if (untilMs > nowMs) continue;
        waiting.delete(sequence);
        this.#inFlight -= 1;
        this.#tell({ id, outcome: 'silent' });
      }
    }
  }

  [Symbol.dispose](): void {
    for (const { socket } of this.#places.values()) socket[Symbol.dispose]();
    this.#places.clear();
  }

  #sendOne({ id, ns, to, source, dataBytes, dontFragment, timeoutMs }: EchoTry): void {
    try {
      const family = familyOf(to);
      const place = this.#place(ns, family, source);
      const sequence = place.next;
      place.next = (place.next + 1) & 0xffff;
      place.socket.setDontFragment(dontFragment);
      const bytes = writeEcho(this.#packet, family, { ident: place.socket.ident, sequence }, this.#token, dataBytes);
      const sentMs = performance.now();
      const errno = this.#deliver(place, bytes, socketAddress(to, 0));
      if (errno !== 0) return this.#tell({ id, outcome: 'refused', errnoName: errnoName(errno) });
      place.waiting.set(sequence, { id, sentMs, untilMs: sentMs + timeoutMs, hasToken: dataBytes >= TOKEN_BYTES });
      this.#inFlight += 1;
    } catch (error) {
      if (error instanceof HomeLost) throw error;
      this.#tell({ id, outcome: 'failed', failure: failureOf(null, error) });
    }
  }

  /** Returns the errno, or 0. An error that an earlier packet has caused is told by the next call, and then it is over. */
  #deliver({ socket }: Place, bytes: number, address: Buffer): number {
    for (let tries = 1; ; tries++) {
      const sent = libc.sendto(socket.fd, this.#packet, bytes, address);
      if (sent >= 0) return 0;
      if (tries > 2 || !isTransient(-sent)) return -sent;
    }
  }

  #place(ns: EchoTry['ns'], family: 4 | 6, source: string | null): Place {
    const key = `${ns} ${family} ${source ?? ''}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    using namespace = Namespace.open(ns);
    const socket = namespace.enter(() => new EchoSocket(family, source, randomInt(0x10000)));
    const place: Place = { socket, inode: namespace.inode, waiting: new Map(), next: 0 };
    this.#places.set(key, place);
    return place;
  }

  /** Closes the sockets in namespaces whose name stands for another one by now: a node that was started anew. */
  #dropReplaced(tries: readonly EchoTry[]): void {
    const asked = new Set(tries.map(({ ns }) => ns));
    for (const [key, { socket, inode, waiting }] of this.#places) {
      const ns = key.slice(0, key.indexOf(' ')) as EchoTry['ns'];
      if (!asked.has(ns) || waiting.size > 0 || inodeNow(ns) === inode) continue;
      socket[Symbol.dispose]();
      this.#places.delete(key);
    }
  }

  #drain(place: Place): void {
    const { socket, waiting } = place;
    for (;;) {
      const length = libc.recv(socket.fd, this.#received, 0);
      if (length === -ERRNO.EINTR) continue;
      if (length < 0) return;
      const answer = readIcmp(this.#received, length, socket.family);
      if (answer === null || answer.ident !== socket.ident) continue;
      const one = waiting.get(answer.sequence);
      if (one === undefined || (answer.answer === 'reply' && one.hasToken && !this.#isOurs(answer.data, length)))
        continue;
      waiting.delete(answer.sequence);
      this.#inFlight -= 1;
      if (answer.answer === 'error') {
        this.#tell({ id: one.id, outcome: 'unreachable', why: answer.why, by: answer.by });
      } else {
        this.#tell({ id: one.id, outcome: 'answered', tookMs: performance.now() - one.sentMs, fd: null });
      }
    }
  }

  #isOurs(at: number, length: number): boolean {
    return (
      length >= at + TOKEN_BYTES && this.#received.compare(this.#token, 0, TOKEN_BYTES, at, at + TOKEN_BYTES) === 0
    );
  }
}

function inodeNow(ns: EchoTry['ns']): number | null {
  try {
    return inodeOf(ns);
  } catch {
    return null;
  }
}
