/** The daemon's work queue: the containers to reconcile, and those that have ended. */
import type { Container } from '../topology/topology.ts';

export interface Batch {
  readonly scope: 'all' | ReadonlySet<string>;
  readonly gone: readonly Container[];
}

/** Collects work between passes. A container is in the queue once, however often it was added. */
export class Worklist {
  #all = false;
  #touched = new Set<string>();
  #gone: Container[] = [];
  #returned: readonly Container[] = [];
  #wake: () => void = () => {};

  get empty(): boolean {
    return !this.#all && this.#touched.size === 0 && this.#gone.length === 0;
  }

  touch(id: string): void {
    this.add(new Set([id]));
  }

  touchAll(): void {
    this.add('all');
  }

  add(scope: Batch['scope']): void {
    if (scope === 'all') this.#all = true;
    else for (const id of scope) this.#touched.add(id);
    if (!this.empty) this.#wake();
  }

  /** Adds a container whose process has ended. `container` is its last known state. */
  end(container: Container): void {
    this.#gone.push(container);
    this.#wake();
  }

  take(): Batch {
    const batch: Batch = { scope: this.#all ? 'all' : this.#touched, gone: [...this.#returned, ...this.#gone] };
    this.#all = false;
    this.#touched = new Set();
    this.#gone = [];
    this.#returned = [];
    return batch;
  }

  /** Takes back the ended containers of a batch that failed. They are part of the next batch, but do not start one. */
  giveBack(gone: readonly Container[]): void {
    this.#returned = gone;
  }

  /** Resolves when there is work, at `wakeAt` (milliseconds since the epoch; null for never), or when the signal aborts. */
  async available(signal: AbortSignal, wakeAt: number | null): Promise<void> {
    if (!this.empty || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = wakeAt === null ? undefined : setTimeout(resolve, Math.max(0, wakeAt - Date.now()));
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#wake = wake;
    });
    this.#wake = () => {};
  }
}
