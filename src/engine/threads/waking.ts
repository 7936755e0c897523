import { writeSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { startThread } from './start-thread.ts';

export interface WakingOptions<Report> {
  readonly workerData: object;
  readonly onReport: (report: Report) => void;
  readonly onError: (error: Error) => void;
  readonly onExit?: () => void;
}

/**
 * A thread that is not from the pool, since it sleeps in a system call that only its own events can end: an order is posted, and then a byte
 * is written that wakes it. Its first report that has a `wakeFd` says where to.
 */
export class WakingThread<Order, Report extends { readonly report: string; readonly wakeFd?: number }> {
  readonly worker: Worker;
  readonly ended: Promise<void>;
  #wakeFd = -1;
  #isOver = false;
  /** Whether the thread was to be woken before it was ready. */
  #isOwed = false;

  constructor(url: URL, { workerData, onReport, onError, onExit }: WakingOptions<Report>) {
    this.worker = startThread(url, { workerData });
    this.worker.on('message', (report: Report) => {
      if (report.wakeFd !== undefined) {
        this.#wakeFd = report.wakeFd;
        if (this.#isOwed) this.wake();
      }
      onReport(report);
    });
    this.worker.on('error', onError);
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', () => {
        this.#isOver = true;
        this.#wakeFd = -1;
        onExit?.();
        resolve();
      });
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  tell(order: Order): void {
    if (this.#isOver) return;
    this.worker.postMessage(order);
    this.wake();
  }

  /** A thread that is not ready yet is woken once it is. */
  wake(): void {
    this.#isOwed = this.#wakeFd < 0;
    if (this.#isOwed) return;
    try {
      writeSync(this.#wakeFd, '!');
    } catch {
      this.asleep();
    }
  }

  /** The thread is about to end by itself: its descriptor may soon be another file's. */
  asleep(): void {
    this.#wakeFd = -1;
  }
}
