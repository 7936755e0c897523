/** Memory that threads share, and the meaning of each position in it. */

/**
 * Positions in the shared state of a run. `cancelled`: non-zero if no more links are to be begun. `done`: how many tasks
 * were carried out in their turn without a failure.
 */
export const RUN_STATE = { cancelled: 0, done: 1 } as const;

/** The shared state of a run that begins. */
export function newRunState(): SharedArrayBuffer {
  return new SharedArrayBuffer(Object.keys(RUN_STATE).length * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Positions in the shared memory of the pool of spare namespaces. `left`: how many namespaces are still to be made;
 * each thread that makes one takes one off. `news`: a counter, incremented whenever the thread that fills the pool has
 * something new to look at. `closed`: non-zero once the pool is given up. From `slots` on, each position holds the
 * descriptor of a namespace, or 0 if it is empty. A thread that takes a descriptor has to close it.
 */
export const SPARES = { left: 0, news: 1, closed: 2, slots: 3 } as const;

/** The size of the pool. Each namespace without a name costs memory and a descriptor. */
const SPARE_SLOTS = 64;

/** An empty pool, for which no namespace is to be made yet. */
export function newSpares(): SharedArrayBuffer {
  return new SharedArrayBuffer((SPARES.slots + SPARE_SLOTS) * Int32Array.BYTES_PER_ELEMENT);
}

/** What the thread that fills the pool starts with. */
export interface SparesStart {
  readonly shared: SharedArrayBuffer;
}
