/** The main thread's side of a capture: starts its thread, gives it orders, and hands over what it reports, one report after the other. */
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { CAPTURE_URL } from '../../layout.ts';
import type { CaptureOrder, CaptureReport, CaptureStart, Tap } from '../../wire/capture.ts';

/** Captures packets. Needs CAP_SYS_ADMIN, to enter namespaces, and CAP_NET_RAW. */
export class PacketCapture implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #written: Int32Array;
  readonly #reports: CaptureReport[] = [];
  readonly #exited: Promise<void>;
  #isOver = false;
  #arrived: () => void = () => {};
  #wakeFd = -1;

  constructor(start: Omit<CaptureStart, 'written'>) {
    this.#written = new Int32Array(new SharedArrayBuffer(4));
    // This worker is not from the pool: it sleeps in a system call that only its own events can end.
    this.#worker = new Worker(CAPTURE_URL, {
      workerData: { ...start, written: this.#written } satisfies CaptureStart,
    });
    this.#worker.on('message', (report: CaptureReport) => this.#take(report));
    this.#worker.on('error', ({ message }) => this.#take(crashed(message)));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#isOver = true;
        this.#wakeFd = -1;
        this.#arrived();
        resolve();
      });
    });
  }

  /** All reports up to the last one, in their order. Only one may iterate. */
  async *reports(): AsyncGenerator<CaptureReport> {
    for (;;) {
      const next = this.#reports.shift();
      if (next !== undefined) yield next;
      else if (this.#isOver) return;
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
    this.#tell({ order: 'open', tap });
  }

  /** Has the thread pass on what it has, and end. */
  end(): void {
    this.#tell({ order: 'end' });
  }

  /** Ends the thread, whatever it has still to pass on. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) await this.#worker.terminate();
    await this.#exited;
  }

  #tell(order: CaptureOrder): void {
    if (this.#isOver) return;
    this.#worker.postMessage(order);
    this.#wake();
  }

  /** Before the thread is ready this does nothing: it reads its orders before it sleeps. */
  #wake(): void {
    if (this.#wakeFd < 0) return;
    try {
      writeSync(this.#wakeFd, '!');
    } catch {
      // The thread has just ended by itself.
      this.#wakeFd = -1;
    }
  }

  #take(report: CaptureReport): void {
    if (report.report === 'ready') {
      this.#wakeFd = report.wakeFd;
      this.#wake();
    }
    if (report.report === 'ended' || report.report === 'failed') this.#wakeFd = -1;
    this.#reports.push(report);
    this.#arrived();
  }
}

function crashed(message: string): CaptureReport {
  const failure = { op: null, call: 'capture', subject: message, errnoName: null, extAck: null } as const;
  return { report: 'failed', failure: { ...failure, code: 'E_INTERNAL', leftBehind: null } };
}
