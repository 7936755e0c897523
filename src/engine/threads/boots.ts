/** Which workers of a pool are still starting: one must not be ended then. */
import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';

/**
 * Ending a thread while it loads a native module, or its code, aborts the whole process: an exception can't be thrown
 * there any more, and neither Node nor the module takes that for an answer. Once it waits for tasks it can be ended.
 */
export class Boots {
  readonly #piscina: Piscina;
  /** Ids of the threads that have started. */
  readonly #started = new Set<number>();

  /** Of a pool that was made just now, in this turn of the event loop. */
  constructor(piscina: Piscina) {
    this.#piscina = piscina;
    const first = new Set(piscina.threads.map(({ threadId }) => threadId));
    // A thread says once that it is ready, and nothing else on this port.
    for (const thread of piscina.threads) thread.once('message', () => this.#started.add(thread.threadId));
    // Of the first ones this is said before they are ready, of all others when they are.
    piscina.on('workerCreate', ({ id }: { readonly id: number }) => {
      if (!first.has(id)) this.#started.add(id);
    });
  }

  /** Resolves when no thread is starting. */
  async over(): Promise<void> {
    const starting = this.#piscina.threads.filter(({ threadId }) => !this.#started.has(threadId));
    await Promise.all(starting.map(startOf));
  }
}

/** Resolves when the thread has started, or ended over it. */
async function startOf(thread: Worker): Promise<void> {
  // Otherwise the process may end meanwhile, as nothing keeps it.
  thread.ref();
  await new Promise<void>((resolve) => {
    thread.once('message', () => resolve());
    thread.once('exit', () => resolve());
  });
}
