/** The main thread's side of the pool of spare namespaces; workers/spares.ts says what the pool is for. */
import { STOCK_URL } from '../../layout.ts';
import { netnsNames } from '../../topology/nodes.ts';
import type { Topology } from '../../topology/topology.ts';
import { newSpares, SPARES, type SparesStart } from '../../wire/shared.ts';
import type { Workers } from '../workers.ts';
import { startThread } from './start-thread.ts';

/** For fewer namespaces no thread is started: to start one takes as long as to make these. */
const WORTH_A_THREAD = 64;

/** A thread that makes namespaces ahead, while the workers make links in those that exist. Needs CAP_SYS_ADMIN. */
export class SparePool {
  readonly #shared = newSpares();
  readonly #ended: Promise<void>;

  private constructor() {
    const worker = startThread(STOCK_URL, { workerData: { shared: this.#shared } satisfies SparesStart });
    // If the thread fails, each namespace is made when it is needed, and a failure is reported there.
    worker.on('error', () => {});
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()));
  }

  /**
   * Starts the thread if many namespaces of a lab are still to be made, else returns null. It is called early, since the thread
   * takes a while to start.
   */
  static expect(
    topology: Pick<Topology, 'links' | 'commands' | 'nodes'>,
    workers: Pick<Workers, 'namedNamespaces'>,
  ): SparePool | null {
    const names = netnsNames(topology);
    if (names.size < WORTH_A_THREAD) return null;
    for (const name of workers.namedNamespaces()) names.delete(name);
    return names.size < WORTH_A_THREAD ? null : new SparePool();
  }

  /** Starts to make `count` namespaces. Returns the memory through which workers take them. */
  fill(count: number): SharedArrayBuffer {
    this.#tell(SPARES.left, count);
    return this.#shared;
  }

  /** Ends the thread. Spare namespaces that nobody took disappear with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#tell(SPARES.closed, 1);
    await this.#ended;
  }

  #tell(place: number, value: number): void {
    const state = new Int32Array(this.#shared);
    Atomics.store(state, place, value);
    Atomics.add(state, SPARES.news, 1);
    Atomics.notify(state, SPARES.news);
  }
}
