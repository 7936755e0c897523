/** The main thread's side of the player: starts its thread, and gives it messages before their time. */
import { Worker } from 'node:worker_threads';
import { PLAYER_URL } from '../../layout.ts';
import type { Job } from '../../wire/apply.ts';
import type { CueReport, PlayerOrder, PlayerStart } from '../../wire/play.ts';

/** Milliseconds of the clock that nobody sets, with fractions. All threads have the same. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Sends messages to the kernel at given times. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN. */
export class PlayerThread implements AsyncDisposable {
  readonly #stop = new SharedArrayBuffer(4);
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, { resolve: (report: CueReport) => void; reject: (error: Error) => void }>();
  #failed: Error | null = null;
  #next = 0;

  /** Starts the thread, which takes some 40 ms beside all else. */
  constructor() {
    this.#worker = new Worker(PLAYER_URL, { workerData: { stop: this.#stop } satisfies PlayerStart });
    this.#worker.on('message', (report: CueReport) => {
      this.#waiting.get(report.id)?.resolve(report);
      this.#waiting.delete(report.id);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#fail(new Error('the thread that plays has ended'));
        resolve();
      });
    });
  }

  /** Resolves when the thread runs. Rejects if it can't. */
  async ready(): Promise<void> {
    await this.cue(0, []);
  }

  /**
   * Has jobs carried out at a time of `monotonicMs`; cues must be given in the order of their times. Resolves
   * with what became of it. Rejects if the thread has ended.
   */
  cue(dueMs: number, jobs: readonly Job[]): Promise<CueReport> {
    if (this.#failed !== null) return Promise.reject(this.#failed);
    const id = this.#next++;
    const report = new Promise<CueReport>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#worker.postMessage({ order: 'cue', id, dueMs, jobs } satisfies PlayerOrder);
    return report;
  }

  /** Nothing more is begun. */
  stop(): void {
    const field = new Int32Array(this.#stop);
    Atomics.store(field, 0, 1);
    Atomics.notify(field, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    this.#worker.postMessage({ order: 'close' } satisfies PlayerOrder);
    await this.#ended;
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
