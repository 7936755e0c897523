/** The main thread's side of the player: starts its thread, and gives it messages before their time. */
import type { Worker } from 'node:worker_threads';
import { PLAYER_URL } from '../../layout.ts';
import type { Job } from '../../wire/apply.ts';
import type { CueReport, PlayerOrder, PlayerStart } from '../../wire/play.ts';
import { Answers } from './answers.ts';
import { startThread } from './start-thread.ts';

/** Milliseconds of the clock that nobody sets, with fractions. All threads have the same. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Sends messages to the kernel at given times. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN. */
export class PlayerThread implements AsyncDisposable {
  readonly #stop = new SharedArrayBuffer(4);
  readonly #worker: Worker;
  readonly #answers: Answers<CueReport>;

  /** Starts the thread, which takes some 40 ms beside all else. */
  constructor() {
    this.#worker = startThread(PLAYER_URL, { workerData: { stop: this.#stop } satisfies PlayerStart });
    this.#answers = new Answers(this.#worker, 'plays');
    this.#worker.on('message', (report: CueReport) => this.#answers.take(report));
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
    const { id, answer } = this.#answers.expect();
    this.#worker.postMessage({ order: 'cue', id, dueMs, jobs } satisfies PlayerOrder);
    return answer;
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
    await this.#answers.ended;
  }
}
