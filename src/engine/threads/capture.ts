/** The main thread's side of a capture: starts its thread, gives it orders, and hands over what it reports, one report after the other. */
import { CAPTURE_URL } from '../../layout.ts';
import type { CaptureOrder, CaptureReport, CaptureStart, Tap } from '../../wire/capture.ts';
import { WakingThread } from './waking.ts';

/** Captures packets. Needs CAP_SYS_ADMIN, to enter namespaces, and CAP_NET_RAW. */
export class PacketCapture implements AsyncDisposable {
  readonly #thread: WakingThread<CaptureOrder, CaptureReport>;
  readonly #written: Int32Array;
  readonly #reports: CaptureReport[] = [];
  #arrived: () => void = () => {};

  constructor(start: Omit<CaptureStart, 'written'>) {
    this.#written = new Int32Array(new SharedArrayBuffer(4));
    this.#thread = new WakingThread(CAPTURE_URL, {
      workerData: { ...start, written: this.#written } satisfies CaptureStart,
      onReport: (report) => this.#take(report),
      onError: ({ message }) => this.#take(crashed(message)),
      onExit: () => this.#arrived(),
    });
  }

  /** All reports up to the last one, in their order. Only one may iterate. */
  async *reports(): AsyncGenerator<CaptureReport> {
    for (;;) {
      const next = this.#reports.shift();
      if (next !== undefined) yield next;
      else if (this.#thread.isOver) return;
      else
        await new Promise<void>((resolve) => {
          this.#arrived = resolve;
        });
    }
  }

  /** So many bytes of packets have been written, or were dropped. The thread waits for that if it is too far ahead. */
  written(bytes: number): void {
    Atomics.add(this.#written, 0, bytes);
  }

  open(tap: Tap): void {
    this.#thread.tell({ order: 'open', tap });
  }

  /** Has the thread pass on what it has, and end. */
  end(): void {
    this.#thread.tell({ order: 'end' });
  }

  /** Ends the thread, whatever it has still to pass on. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#thread.isOver) await this.#thread.worker.terminate();
    await this.#thread.ended;
  }

  #take(report: CaptureReport): void {
    if (report.report === 'ended' || report.report === 'failed') this.#thread.asleep();
    this.#reports.push(report);
    this.#arrived();
  }
}

function crashed(message: string): CaptureReport {
  const failure = { op: null, call: 'capture', subject: message, errnoName: null, extAck: null } as const;
  return { report: 'failed', failure: { ...failure, code: 'E_INTERNAL', leftBehind: null } };
}
