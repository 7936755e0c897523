import { SPARES } from '../src/wire/shared.ts';
import { closeNamespace, newNamespace } from './netns.ts';

/**
 * A pool of spare namespaces, which have no names yet. Most of the kernel's work for a new namespace needs no lock that links need.
 * So one thread makes namespaces while another makes links. A spare namespace is gone when its last descriptor is closed.
 */
export class SparePool {
  readonly #state: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#state = new Int32Array(shared);
  }

  /** Takes a namespace out of the pool: a descriptor, which the caller closes. null: the pool is empty, and the caller makes a namespace itself. */
  take(): number | null {
    for (let at = SPARES.slots; at < this.#state.length; at++) {
      const fd = Atomics.exchange(this.#state, at, 0);
      if (fd === 0) continue;
      Atomics.add(this.#state, SPARES.news, 1);
      Atomics.notify(this.#state, SPARES.news);
      return fd;
    }
    Atomics.sub(this.#state, SPARES.left, 1);
    return null;
  }

  /** Fills the pool until it is closed; then empties it. Throws SystemFault if no namespace can be made, or HomeLost. */
  fill(): void {
    try {
      for (;;) {
        const news = Atomics.load(this.#state, SPARES.news);
        if (Atomics.load(this.#state, SPARES.closed) !== 0) return;
        const slot = this.#state.indexOf(0, SPARES.slots);
        if (slot < 0 || Atomics.load(this.#state, SPARES.left) <= 0) {
          Atomics.wait(this.#state, SPARES.news, news);
          continue;
        }
        Atomics.sub(this.#state, SPARES.left, 1);
        Atomics.store(this.#state, slot, newNamespace('spares'));
      }
    } finally {
      this.#empty();
    }
  }

  #empty(): void {
    for (let at = SPARES.slots; at < this.#state.length; at++) {
      const fd = Atomics.exchange(this.#state, at, 0);
      if (fd !== 0) closeNamespace(fd);
    }
  }
}
