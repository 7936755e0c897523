/** Writes what this host says of one lab: at most once a second, and the last word surely, also after the store was away. */
import { setTimeout as delay } from 'node:timers/promises';
import type { HostName } from '../../cluster/names.ts';
import type { LabState } from '../../cluster/state.ts';
import { bytesOf, stateKey } from '../../cluster/states.ts';
import type { Store } from '../../cluster/store.ts';

const LEAST_MS = 1000;

export class StateWriter {
  readonly #store: Store;
  readonly #key: string;
  readonly #signal: AbortSignal;
  #next: LabState | null = null;
  #writing: Promise<void> | null = null;
  #freeAtMs = 0;

  constructor(store: Store, host: HostName, lab: string, signal: AbortSignal) {
    this.#store = store;
    this.#key = stateKey(host, lab);
    this.#signal = signal;
  }

  /** Never waits, never throws. */
  write(state: LabState): void {
    this.#next = state;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  /** Resolves when the last word is written, or the signal aborts. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#next !== null && !this.#signal.aborted) {
      await this.#pause(Math.max(0, this.#freeAtMs - performance.now()));
      const state: LabState = this.#next;
      this.#freeAtMs = performance.now() + LEAST_MS;
      try {
        await this.#store.write('state', this.#key, bytesOf(state), 'any');
        if (this.#next === state) this.#next = null;
      } catch {
        // Said again in a while: the store is away, and links do not wait for it.
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.#signal }).catch(() => {});
  }
}
