/**
 * netem qdiscs of linkloom's: their handle is the mark by which it knows its own again, and the only place to keep what
 * the kernel does not tell of a netem, its distributions.
 */

/** Packets that a netem holds where no limit is given; tc's number, the kernel itself has none. */
export const NETEM_LIMIT_PACKETS = 1000;

/** Distributions of a delay, as tc's library has them; the first needs no table and is what there is without one. */
export const DISTRIBUTIONS: readonly string[] = ['uniform', 'normal', 'pareto', 'paretonormal'];

/** Upper byte of the major number. The kernel itself counts from 0x8000 on (qdisc_alloc_handle). */
const MAGIC = 0x4c;

export interface Distributions {
  /** Of the delay; null for none or `uniform`. */
  readonly distribution: string | null;
  /** Of the slots. */
  readonly slotDistribution: string | null;
}

/** `4cXY:`, with the distribution of slots in X and that of delays in Y. */
export function netemHandle({ distribution, slotDistribution }: Distributions): number {
  const major = (MAGIC << 8) | (numberOf(slotDistribution) << 4) | numberOf(distribution);
  return (major << 16) >>> 0;
}

/** What a handle of ours says, or null if it is not one. */
export function distributionsIn(handle: number): Distributions | null {
  if (handle >>> 24 !== MAGIC || (handle & 0xffff) !== 0) return null;
  return { distribution: nameOf((handle >>> 16) & 0xf), slotDistribution: nameOf((handle >>> 20) & 0xf) };
}

/** 0 for what needs no table. */
function numberOf(name: string | null): number {
  return name === null ? 0 : Math.max(0, DISTRIBUTIONS.indexOf(name));
}

function nameOf(number: number): string | null {
  return number === 0 ? null : (DISTRIBUTIONS[number] ?? null);
}
