/** The main thread's side of the checker: gives its thread tries, and tells who asked what came of them. */
import { CHECKER_URL } from '../../layout.ts';
import type { CheckOrder, CheckOutcome, CheckTry, ConnectTry, EchoTry } from '../../wire/check.ts';
import { Answers } from './answers.ts';
import { startThread } from './start-thread.ts';

/** A try that has no number yet. */
export type EchoAsked = Omit<EchoTry, 'id'>;
export type ConnectAsked = Omit<ConnectTry, 'id'>;

/** Sends echo requests and opens connections in many namespaces. Needs CAP_SYS_ADMIN and CAP_NET_RAW. */
export class CheckThread implements AsyncDisposable {
  readonly #worker = startThread(CHECKER_URL);
  readonly #answers = new Answers<CheckOutcome>(this.#worker, 'checks');

  /** Starts the thread, which takes some 40 ms beside all else. */
  constructor() {
    this.#worker.on('message', (outcomes: readonly CheckOutcome[]) => {
      for (const outcome of outcomes) this.#answers.take(outcome);
    });
  }

  /** What came of each try, in their order, once all of them are over. Throws what ended the thread. */
  async try(asked: readonly (EchoAsked | ConnectAsked)[]): Promise<readonly CheckOutcome[]> {
    const expected = asked.map(() => this.#answers.expect());
    const tries = asked.map((one, at) => ({ ...one, id: expected[at]?.id }) as CheckTry);
    this.#worker.postMessage({ order: 'try', tries } satisfies CheckOrder);
    return await Promise.all(expected.map(({ answer }) => answer));
  }

  /** Closes all sockets and ends the thread. Who waits for a try is told an error. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.postMessage({ order: 'close' } satisfies CheckOrder);
    await this.#answers.ended;
  }
}
