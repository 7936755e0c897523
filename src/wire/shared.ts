/** Memory that threads share, and what each place in it means. */
/** Places in what the tasks of a run share: whether (non-zero) to begin no more links; how many tasks had their turn and are done whole. */
export const RUN_STATE = { cancelled: 0, done: 1 } as const;

/** What the tasks of one run share, at its beginning. */
export function newRunState(): SharedArrayBuffer {
  return new SharedArrayBuffer(Object.keys(RUN_STATE).length * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Places in a spares of namespaces that were made ahead: how many are still to be made, by whoever is first; what is counted up
 * whenever there is something new for the thread that fills it; whether (non-zero) it is given up; and from `slots` on a
 * descriptor each, 0: empty. Whoever takes a descriptor out has to close it.
 */
export const SPARES = { left: 0, news: 1, closed: 2, slots: 3 } as const;

/** Namespaces without a name cost memory and a descriptor each. */
const SPARE_SLOTS = 64;

/** An empty spares, which nothing is to be made for yet. */
export function newSpares(): SharedArrayBuffer {
  return new SharedArrayBuffer((SPARES.slots + SPARE_SLOTS) * Int32Array.BYTES_PER_ELEMENT);
}

/** What the thread that fills a spares starts with. */
export interface SparesStart {
  readonly shared: SharedArrayBuffer;
}
