import {
  type CaptureReport,
  type CaptureStart,
  type OpenedTap,
  type OpenedTaps,
  type RefusedTap,
  TAP_STATE,
  type Tap,
} from '../../src/wire/capture.ts';
import { Output } from './output.ts';
import type { PacketSource } from './packet.ts';
import { QueueTaps } from './queue-taps.ts';
import { RingTaps } from './ring-taps.ts';
import { SETTLE_MS, type TapSet } from './tap-set.ts';
import { TimeOrder } from './time-order.ts';

/** Between two looks while packets are held back, or while what was passed on has not been written. */
const TICK_MS = 10;
/** Between two looks at the namespaces, and two reports of counts. */
const LOOK_MS = 250;
/** As many interfaces add a millisecond to the time between two reports of counts, which have numbers of all of them. */
const COUNTED_PER_MS = 50;

/**
 * Captures on taps: reads their rings, and passes the packets on in the order of time. With several rings each packet is held back until
 * the others have handed over what they had at its time.
 */
export class Capture implements Disposable {
  readonly #taps: TapSet;
  readonly #order = new TimeOrder();
  readonly #output: Output;
  readonly #report: (report: CaptureReport) => void;
  #packetsLeft: number;
  #lookMs = 0;
  #countMs = 0;
  readonly #interfaces: number;
  #wasRead = false;
  /** When the last packets are in the rings. null: nobody has asked to end. */
  #endsMs: number | null = null;
  #isLastTaken = false;

  /** Throws SystemFault. */
  constructor(start: CaptureStart, post: (report: CaptureReport, transfer: readonly ArrayBuffer[]) => void) {
    const { ring, interfaces } = start;
    this.#taps = ring === null ? new QueueTaps(start, interfaces) : new RingTaps(start, ring, interfaces);
    this.#interfaces = interfaces;
    this.#output = new Output(post, start.written);
    this.#report = (report) => post(report, []);
    this.#packetsLeft = start.packets ?? Number.POSITIVE_INFINITY;
  }

  /** Opens the first taps. Throws HomeLost, and SystemFault where no further one can be opened. */
  openAll(groups: CaptureStart['groups']): { readonly opened: OpenedTaps; readonly refused: readonly RefusedTap[] } {
    const opened = {
      state: new Uint8Array(this.#interfaces),
      hardwareType: new Uint16Array(this.#interfaces),
      mac: new Uint8Array(this.#interfaces * 6),
    };
    const refused = this.#taps.openAll(groups, (id, { hardwareType, mac, isUp }) => {
      opened.state[id] = TAP_STATE.isOpen | (isUp ? TAP_STATE.isUp : 0);
      opened.hardwareType[id] = hardwareType;
      opened.mac.set(mac, id * 6);
    });
    return { opened, refused };
  }

  open(tap: Tap): OpenedTap | RefusedTap {
    return this.#taps.open(tap);
  }

  /** Captures nothing more; `step` passes on what there is. */
  end(nowMs: number): void {
    if (this.#endsMs !== null) return;
    this.#endsMs = nowMs + SETTLE_MS;
    this.#taps.refuseAll();
  }

  /** The descriptors to wait for, and how long at most. */
  waits(): { readonly fds: readonly number[]; readonly timeoutMs: number } {
    const isBusy = this.#order.first !== undefined || this.#endsMs !== null;
    const timeoutMs = isBusy ? TICK_MS : LOOK_MS;
    const isTaking = this.#taps.isTaking && this.#endsMs === null;
    return { fds: isBusy && !isTaking ? [] : this.#taps.fds(), timeoutMs };
  }

  /** Passes on what is due. `faulty`: descriptors with an error. False: the capture has ended. */
  step(faulty: ReadonlySet<number>, nowMs: number): boolean {
    const isOver = this.#endsMs !== null && nowMs >= this.#endsMs;
    // Once more when it is over: this thread may not have run since it was told to end.
    if (!this.#isLastTaken) this.#taps.receive(faulty, nowMs);
    this.#isLastTaken = isOver;
    if (nowMs >= this.#lookMs) this.#look(nowMs);
    for (const source of this.#taps.sources()) {
      if (!this.#order.has(source) && source.hasPacket(nowMs)) this.#order.add(source);
    }
    this.#passOn(nowMs, isOver || this.#taps.size < 2);
    this.#output.flush();
    for (const id of this.#taps.closeGone(nowMs)) this.#report({ report: 'gone', id });
    const isEnd = this.#packetsLeft === 0 || (isOver && this.#order.first === undefined);
    if (isEnd) this.#report({ report: 'ended', counts: this.#taps.counts() });
    return !isEnd;
  }

  #passOn(nowMs: number, all: boolean): void {
    const dueMs = Date.now() - SETTLE_MS;
    for (let first = this.#order.first; first !== undefined; first = this.#order.first) {
      if (this.#packetsLeft === 0 || this.#output.isFull()) return;
      if (!all && !isDue(first, nowMs, dueMs)) return;
      this.#output.add(first);
      this.#wasRead = true;
      this.#packetsLeft -= 1;
      this.#order.moved(first.advance(nowMs));
    }
  }

  #look(nowMs: number): void {
    this.#lookMs = nowMs + LOOK_MS;
    this.#taps.look(nowMs);
    if (!this.#wasRead || nowMs < this.#countMs) return;
    this.#wasRead = false;
    this.#countMs = nowMs + this.#interfaces / COUNTED_PER_MS;
    this.#report({ report: 'counts', counts: this.#taps.counts() });
  }

  [Symbol.dispose](): void {
    this.#taps[Symbol.dispose]();
  }
}

/** Whether no other ring can have an earlier packet. A clock that is set back does not hold a packet for long: it was seen when it was seen. */
function isDue({ seconds, nanoseconds, seenMs }: PacketSource, nowMs: number, dueMs: number): boolean {
  return seconds * 1000 + nanoseconds / 1_000_000 <= dueMs || seenMs + SETTLE_MS <= nowMs;
}
