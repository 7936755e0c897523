/**
 * Makes and reads the handles of linkloom's netem qdiscs. By its handle linkloom recognises its own netem. The handle also stores
 * the distributions, which the kernel does not report.
 */

/** How many packets a netem holds if no limit is given. This is tc's number; the kernel has none. */
export const NETEM_LIMIT_PACKETS = 1000;

/** The distributions of a delay in tc's library. The first one needs no table, and is what a netem without a table has. */
export const DISTRIBUTIONS: readonly string[] = ['uniform', 'normal', 'pareto', 'paretonormal'];

/**
 * The upper byte of the handle's major number: of a netem that the configuration asks for, and of a qdisc that was set by hand.
 * The kernel's own numbers start at 0x8000 (qdisc_alloc_handle).
 */
const MAGIC = { configuration: 0x4c, hand: 0x4d } as const;

/** Who asked for a qdisc. */
export type SetBy = keyof typeof MAGIC;

/** The handle of a tbf, which is only ever set by hand. */
export const TBF_HANDLE = (MAGIC.hand << 24) >>> 0;

export interface Distributions {
  /** The distribution of the delay; null for none or `uniform`. */
  readonly distribution: string | null;
  /** The distribution of the slots; null for none or `uniform`. */
  readonly slotDistribution: string | null;
}

/** The handle `4cXY:`, by hand `4dXY:`, where X is the distribution of slots and Y that of delays. */
export function netemHandle({ distribution, slotDistribution }: Distributions, by: SetBy): number {
  const major = (MAGIC[by] << 8) | (numberOf(slotDistribution) << 4) | numberOf(distribution);
  return (major << 16) >>> 0;
}

/** The distributions that a handle stores; null if the handle is not one of linkloom's. */
export function distributionsIn(handle: number): Distributions | null {
  if (setBy(handle) === null) return null;
  return { distribution: nameOf((handle >>> 16) & 0xf), slotDistribution: nameOf((handle >>> 20) & 0xf) };
}

/** Who asked for the qdisc that has a handle; null if it is not one of linkloom's. */
function setBy(handle: number): SetBy | null {
  if ((handle & 0xffff) !== 0) return null;
  if (handle >>> 24 === MAGIC.hand) return 'hand';
  return handle >>> 24 === MAGIC.configuration ? 'configuration' : null;
}

/** Whether a handle says that the qdisc was set by hand. */
export function isHandleOfHand(handle: number): boolean {
  return setBy(handle) === 'hand';
}

/** The number of a distribution; 0 if it needs no table. */
function numberOf(name: string | null): number {
  return name === null ? 0 : Math.max(0, DISTRIBUTIONS.indexOf(name));
}

function nameOf(number: number): string | null {
  return number === 0 ? null : (DISTRIBUTIONS[number] ?? null);
}
