import type { CaptureReport, CaptureStart, OpenedTap, RefusedTap, Tap } from '../../src/wire/capture.ts';
import type { BlockReader } from './block-reader.ts';
import { Output } from './output.ts';
import { SETTLE_MS, Taps } from './taps.ts';
import { TimeOrder } from './time-order.ts';

/** Between two looks while packets are held back, or while what was passed on has not been written. */
const TICK_MS = 10;
/** Between two looks at the namespaces, and two reports of counts. */
const LOOK_MS = 250;

/**
 * Captures on taps: reads their rings, and passes the packets on in the order of time. With several rings each packet is held back until
 * the others have handed over what they had at its time.
 */
export class Capture implements Disposable {
  readonly #taps = new Taps();
  readonly #order = new TimeOrder();
  readonly #output: Output;
  readonly #report: (report: CaptureReport) => void;
  #packetsLeft: number;
  #lookMs = 0;
  #wasRead = false;
  /** When the last packets are in the rings. null: nobody has asked to end. */
  #endsMs: number | null = null;

  constructor(start: CaptureStart, post: (report: CaptureReport, transfer: readonly ArrayBuffer[]) => void) {
    this.#output = new Output(post, start.written);
    this.#report = (report) => post(report, []);
    this.#packetsLeft = start.packets ?? Number.POSITIVE_INFINITY;
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
    // The kernel goes on saying that a ring has packets until they are taken.
    return isBusy ? { fds: [], timeoutMs: TICK_MS } : { fds: this.#taps.fds(), timeoutMs: LOOK_MS };
  }

  /** Passes on what is due. `faulty`: descriptors with an error. False: the capture has ended. */
  step(faulty: ReadonlySet<number>, nowMs: number): boolean {
    if (faulty.size > 0) this.#taps.examine(faulty, nowMs);
    if (nowMs >= this.#lookMs) this.#look(nowMs);
    for (const reader of this.#taps.readers()) {
      if (!this.#order.has(reader) && reader.hasPacket(nowMs)) this.#order.add(reader);
    }
    const isOver = this.#endsMs !== null && nowMs >= this.#endsMs;
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
    this.#taps.examineNamespaces(nowMs);
    this.#taps.examineDown(nowMs);
    if (!this.#wasRead) return;
    this.#wasRead = false;
    this.#report({ report: 'counts', counts: this.#taps.counts() });
  }

  [Symbol.dispose](): void {
    this.#taps[Symbol.dispose]();
  }
}

/** Whether no other ring can have an earlier packet. A clock that is set back does not hold a packet for long: it was seen when it was seen. */
function isDue({ seconds, nanoseconds, seenMs }: BlockReader, nowMs: number, dueMs: number): boolean {
  return seconds * 1000 + nanoseconds / 1_000_000 <= dueMs || seenMs + SETTLE_MS <= nowMs;
}
