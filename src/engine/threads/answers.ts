/** What a thread was asked and has not answered yet: each question has a number, which the answer bears. */
import type { Worker } from 'node:worker_threads';

interface Waiting<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: Error) => void;
}

export class Answers<T extends { readonly id: number }> {
  /** Resolves when the thread has ended. */
  readonly ended: Promise<void>;
  readonly #waiting = new Map<number, Waiting<T>>();
  #failed: Error | null = null;
  #next = 0;

  /** `what` the thread does, for the error of those who wait when it ends: `plays`. */
  constructor(worker: Worker, what: string) {
    worker.on('error', (error) => this.#fail(error));
    this.ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#fail(new Error(`the thread that ${what} has ended`));
        resolve();
      });
    });
  }

  /** A new question. Its answer rejects with what has ended the thread. */
  expect(): { readonly id: number; readonly answer: Promise<T> } {
    const id = this.#next++;
    if (this.#failed !== null) return { id, answer: Promise.reject(this.#failed) };
    return { id, answer: new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject })) };
  }

  take(answer: T): void {
    this.#waiting.get(answer.id)?.resolve(answer);
    this.#waiting.delete(answer.id);
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failed);
    this.#waiting.clear();
  }
}
