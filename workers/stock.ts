import { STOCK } from '../src/wire/shared.ts';
import { closeNamespace, newNamespace } from './netns.ts';

/**
 * A stock of namespaces without names. Most of what the kernel does for a new namespace is under no lock that links need,
 * so one thread makes them while another links those that are there. They are gone with the last descriptor.
 */
export class Stock {
  readonly #state: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#state = new Int32Array(shared);
  }

  /** One out of it, as a descriptor that is the caller's from now on; null: there is none, and the caller makes its own. */
  take(): number | null {
    for (let at = STOCK.slots; at < this.#state.length; at++) {
      const fd = Atomics.exchange(this.#state, at, 0);
      if (fd === 0) continue;
      Atomics.add(this.#state, STOCK.news, 1);
      Atomics.notify(this.#state, STOCK.news);
      return fd;
    }
    Atomics.sub(this.#state, STOCK.left, 1);
    return null;
  }

  /** Fills it until it is given up, and empties it then. Throws SystemFault if none can be made, or HomeLost. */
  fill(): void {
    try {
      for (;;) {
        const news = Atomics.load(this.#state, STOCK.news);
        if (Atomics.load(this.#state, STOCK.closed) !== 0) return;
        const slot = this.#state.indexOf(0, STOCK.slots);
        if (slot < 0 || Atomics.load(this.#state, STOCK.left) <= 0) {
          Atomics.wait(this.#state, STOCK.news, news);
          continue;
        }
        Atomics.sub(this.#state, STOCK.left, 1);
        Atomics.store(this.#state, slot, newNamespace('stock'));
      }
    } finally {
      this.#empty();
    }
  }

  #empty(): void {
    for (let at = STOCK.slots; at < this.#state.length; at++) {
      const fd = Atomics.exchange(this.#state, at, 0);
      if (fd !== 0) closeNamespace(fd);
    }
  }
}
