/** Says which of two states of a record is the newer one. */

/** Which writing of a record this is. */
export interface Identity {
  /**
   * When the bucket was created in which the record is (RFC 3339). A store that was wiped and made again has another epoch, so its
   * small revisions are news.
   */
  readonly epoch: string;
  /** The number of the write within its bucket: higher is later, within one epoch. Other keys count too, so there are gaps. */
  readonly revision: number;
}

/** Whether `next` is to be taken by whoever has `known` (null: nothing): it is of a later epoch, or later in the same one. */
export function isNews(known: Identity | null, next: Identity): boolean {
  if (known === null) return true;
  if (next.epoch === known.epoch) return next.revision > known.revision;
  return Date.parse(next.epoch) > Date.parse(known.epoch);
}

/** Whether whoever has `has` (null: nothing) has reached `wanted`: the same epoch, and at least that revision. */
export function isReached(has: Identity | null, wanted: Identity): boolean {
  return has !== null && has.epoch === wanted.epoch && has.revision >= wanted.revision;
}
