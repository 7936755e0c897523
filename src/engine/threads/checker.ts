/** The main thread's side of the checker: gives its thread tries, and tells who asked what came of them. */
import { Worker } from 'node:worker_threads';
import { CHECKER_URL } from '../../layout.ts';
import type { CheckOrder, CheckOutcome, CheckTry, ConnectTry, EchoTry } from '../../wire/check.ts';

/** A try that has no number yet. */
export type EchoAsked = Omit<EchoTry, 'id'>;
export type ConnectAsked = Omit<ConnectTry, 'id'>;

/** Sends echo requests and opens connections in many namespaces. Needs CAP_SYS_ADMIN and CAP_NET_RAW. */
export class CheckThread implements AsyncDisposable {
  readonly #worker = new Worker(CHECKER_URL);
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, (outcome: CheckOutcome | Error) => void>();
  #failed: Error | null = null;
  #next = 0;

  /** Starts the thread, which takes some 40 ms beside all else. */
  constructor() {
    this.#worker.on('message', (outcomes: readonly CheckOutcome[]) => {
      for (const outcome of outcomes) this.#settle(outcome);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#fail(new Error('the thread that checks has ended'));
        resolve();
      });
    });
  }

  /** What came of each try, in their order, once all of them are over. Throws what ended the thread. */
  async try(asked: readonly (EchoAsked | ConnectAsked)[]): Promise<readonly CheckOutcome[]> {
    if (this.#failed !== null) throw this.#failed;
    const tries = asked.map((one) => ({ ...one, id: this.#next++ }) as CheckTry);
    const outcomes = tries.map(
      ({ id }) =>
        new Promise<CheckOutcome>((resolve, reject) => {
          this.#waiting.set(id, (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)));
        }),
    );
    this.#worker.postMessage({ order: 'try', tries } satisfies CheckOrder);
    return await Promise.all(outcomes);
  }

  /** Closes all sockets and ends the thread. Who waits for a try is told an error. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.postMessage({ order: 'close' } satisfies CheckOrder);
    await this.#ended;
  }

  #settle(outcome: CheckOutcome): void {
    this.#waiting.get(outcome.id)?.(outcome);
    this.#waiting.delete(outcome.id);
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    for (const settle of this.#waiting.values()) settle(this.#failed);
    this.#waiting.clear();
  }
}
