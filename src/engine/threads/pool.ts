/**
 * `threads/` starts the threads, and ends each in good order. Their files it knows by URL only (`layout.ts`) and never
 * imports them, so that `src/` decides and plans without `workers/`.
 */
import { promises as fs } from 'node:fs';
import { createRequire } from 'node:module';
import type { Piscina } from 'piscina';
import { WORKER_URL } from '../../layout.ts';
import type { ResultOf, Task } from '../../wire/task.ts';
import { namedNamespaces } from '../named-namespaces.ts';
import { askBy, type Workers } from '../workers.ts';
import { Boots } from './boots.ts';

/** How long a worker without work is kept. A worker costs some 40 ms to start. */
const IDLE_TIMEOUT_MS = 30_000;

/** With one worker the next tasks are with it before it has done the last: it need not wait for the main thread, which may be busy. */
const QUEUED_TASKS = 4;

/**
 * The workers. One by default: nearly all of the kernel's work is under one lock, which two threads hand to and fro at a
 * greater cost than what the second could do beside it (encoding, entering namespaces, reading acknowledgements).
 */
export class WorkerPool implements Workers {
  readonly size: number;
  readonly #piscina: Piscina;
  readonly #boots: Boots;

  private constructor(piscina: Piscina, size: number) {
    this.#piscina = piscina;
    this.#boots = new Boots(piscina);
    this.size = size;
  }

  /** Start a pool of at most `size` workers; they are started as they are needed. */
  static async start(size: number): Promise<WorkerPool> {
    // libuv's pool threads stay in the namespace of the thread that first needs them: let that be
    // this one, before any worker enters another.
    await fs.stat('/');
    // `import` would search all of its files for the names they export: half of what loading it takes.
    const { Piscina } = createRequire(import.meta.url)('piscina') as typeof import('piscina');
    const piscina = new Piscina({
      filename: WORKER_URL.href,
      name: 'run',
      minThreads: 1,
      maxThreads: size,
      concurrentTasksPerWorker: size === 1 ? QUEUED_TASKS : 1,
      // Otherwise what no worker is free for goes to the end of the queue, also if it came from its head.
      stricterFIFO: true,
      idleTimeout: IDLE_TIMEOUT_MS,
      recordTiming: false,
    });
    return new WorkerPool(piscina, size);
  }

  /** A worker that dies over a task is replaced. */
  ask<T extends Task>(task: T): Promise<ResultOf<T>> {
    return askBy(task, (sent) => this.#piscina.run(sent));
  }

  namedNamespaces(): readonly string[] {
    return namedNamespaces();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boots.over();
    await this.#piscina.close({ force: true });
  }
}
