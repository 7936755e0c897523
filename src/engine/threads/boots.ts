/** Keeps track of which workers of a pool are still starting, since a worker must not be ended then. */
import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';

/**
 * If a thread is ended while it loads a native module or its own code, the whole process aborts: no exception can be thrown there,
 * and neither Node.js nor the module handles that. Once the thread waits for tasks it can be ended.
 */
export class Boots {
  readonly #piscina: Piscina;
  /** Ids of the threads that have started. */
  readonly #started = new Set<number>();

  /** `piscina` must have been made in this turn of the event loop, so that no message of its threads has been missed. */
  constructor(piscina: Piscina) {
    this.#piscina = piscina;
    const first = new Set(piscina.threads.map(({ threadId }) => threadId));
    // A thread sends one message on this port, when it is ready.
    for (const thread of piscina.threads) thread.once('message', () => this.#started.add(thread.threadId));
    // For the first threads this event comes before they are ready; for all others it comes when they are.
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

/** Resolves when the thread has started, or has ended while starting. */
async function startOf(thread: Worker): Promise<void> {
  // Without this reference nothing keeps the process alive until then.
  thread.ref();
  await new Promise<void>((resolve) => {
    thread.once('message', () => resolve());
    thread.once('exit', () => resolve());
  });
}
