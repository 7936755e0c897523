/**
 * `threads/` starts the threads and ends them in good order. It knows their files only by URL (`layout.ts`) and never imports them.
 * So `src/` can decide and plan without `workers/`.
 */
import { promises as fs } from 'node:fs';
import { Piscina } from 'piscina';
import { WORKER_URL } from '../../layout.ts';
import type { ResultOf, Task } from '../../wire/task.ts';
import { keepRoom } from '../machine/heap.ts';
import { resumeOptimising } from '../machine/optimising.ts';
import { namedNamespaces } from '../named-namespaces.ts';
import { askBy, type Workers } from '../workers.ts';
import { Boots } from './boots.ts';
import { unpacked } from './unpacked.ts';

/** How long an idle worker is kept. To start a worker takes some 40 ms. */
const IDLE_TIMEOUT_MS = 30_000;

/**
 * How many tasks a single worker has in its queue. With the next task there before the last is done, it need not wait for the main
 * thread, which may be busy.
 */
const QUEUED_TASKS = 4;

/**
 * The most memory of a worker for what is new, in MiB. A worker keeps nothing from task to task, and a task has little; without a limit
 * V8 takes up to 48 MiB.
 */
const YOUNG_MIB = 6;

/**
 * The pool of worker threads. By default it has one thread: nearly all of the kernel's work is under one lock. To pass that lock
 * between two threads costs more than the second one saves (encoding, entering namespaces, reading acknowledgements).
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

  /** Starts a pool of at most `size` workers. A worker starts when it is needed. */
  static async start(size: number): Promise<WorkerPool> {
    // libuv's pool threads stay in the network namespace of the thread that first needs them. Let this thread be the first, before
    // any worker enters another namespace.
    await fs.stat('/');
    resumeOptimising();
    const piscina = new Piscina({
      filename: WORKER_URL.href,
      name: 'run',
      minThreads: 1,
      maxThreads: size,
      concurrentTasksPerWorker: size === 1 ? QUEUED_TASKS : 1,
      // Without this, a task that finds no free worker goes to the end of the queue, even if it came from the head.
      stricterFIFO: true,
      idleTimeout: IDLE_TIMEOUT_MS,
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    return new WorkerPool(piscina, size);
  }

  /** If the worker dies during the task, the pool replaces the worker. */
  ask<T extends Task>(task: T): Promise<ResultOf<T>> {
    return askBy(task, async (sent) => {
      const answer = await this.#piscina.run(sent);
      keepRoom();
      return task.task === 'dump' ? unpacked(answer) : answer;
    });
  }

  /** Resolves when the threads that are there have started. */
  async ready(): Promise<void> {
    await this.#boots.over();
  }

  namedNamespaces(): readonly string[] {
    return namedNamespaces();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boots.over();
    await this.#piscina.close({ force: true });
  }
}
