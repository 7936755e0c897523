import { SPARES } from '../src/wire/shared.ts';
import { closeNamespace, newNamespace } from './netns.ts';

/**
 * A spares of namespaces without names. Most of what the kernel does for a new namespace is under no lock that links need,
 * so one thread makes them while another links those that are there. They are gone with the last descriptor.
 */
export class SparePool {
  readonly #state: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#state = new Int32Array(shared);
  }

  /** One out of it, as a descriptor that is the caller's from now on; null: there is none, and the caller makes its own. */
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

  /** Fills it until it is given up, and empties it then. Throws SystemFault if none can be made, or HomeLost. */
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
