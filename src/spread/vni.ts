/** Gives VNIs to the domains of a lab that reach over several hosts. */

/** VNIs of a block. Block K has the numbers from 16384·K+1 on; the first number of each 16,384 is left out. */
const BLOCK_VNIS = 16_383;
const BLOCK_STEP = 16_384;
/** VNIs have 24 bits (RFC 7348). Block 0 is left to numbers that people choose. */
const BLOCKS = { first: 1, last: 1023 } as const;

/** What a record says of VNIs. */
export interface Numbers {
  /** By `domainKey`, the VNI of each bridge and wire that has, or may get, ends on several hosts. */
  readonly vni: Readonly<Record<string, number>>;
  /** The blocks of VNIs that are the lab's: block K has 16384·K+1 to 16384·K+16383. */
  readonly block: readonly number[];
  /**
   * VNIs that were taken from a bridge or wire, each with the revision that was the newest when that was done. One is given out again
   * only after all hosts have reached a later revision. The VNIs are keys, thus text.
   */
  readonly retired: Readonly<Record<string, number>>;
}

export const NO_NUMBERS: Numbers = { vni: {}, block: [], retired: {} };

export interface Asked {
  /** Domains that need a VNI, in the order of the file. */
  readonly domains: readonly string[];
  /** The record so far. `block` may have blocks more than it, which were made for this. */
  readonly before: Numbers;
  /** The revision of the record so far; 0 if there is none. */
  readonly revision: number;
  /** The revision that all hosts have reached which have, or may still have, a part of the lab. */
  readonly reached: number;
  /** VNIs that the file's own tunnels have. */
  readonly taken: ReadonlySet<number>;
}

/** `missing`: that many blocks have to be made first. */
export type Given = { readonly numbers: Numbers; readonly missing: 0 } | { readonly missing: number };

/**
 * Gives each domain a VNI. A domain keeps the one that it has. The VNI of a domain that is gone is given out again only after every
 * host has reached a later revision: before that a host may still have a tunnel with it, into which frames of the new domain would
 * go. The same request has the same answer.
 */
export function giveVnis({ domains, before, revision, reached, taken }: Asked): Given {
  const wanted = new Set(domains);
  const inBlock = new Set(before.block);
  const kept = Object.entries(before.vni).filter(
    ([domain, vni]) => wanted.has(domain) && inBlock.has(blockOf(vni)) && !taken.has(vni),
  );
  const vni = new Map(kept);
  const retired = new Map(Object.entries(before.retired).filter(([, since]) => since >= reached));
  for (const [domain, number] of Object.entries(before.vni))
    if (vni.get(domain) !== number) retired.set(String(number), revision);
  const used = new Set([...vni.values(), ...taken, ...[...retired.keys()].map(Number)]);
  const asking = [...wanted].filter((domain) => !vni.has(domain));
  const free = freeNumbers(before.block, used);
  for (const [at, domain] of asking.entries()) {
    const { value, done } = free.next();
    if (done) return { missing: Math.ceil((asking.length - at) / BLOCK_VNIS) };
    vni.set(domain, value);
  }
  const numbers = {
    vni: Object.fromEntries([...wanted].map((domain) => [domain, vni.get(domain) as number])),
    block: before.block,
    retired: Object.fromEntries(retired),
  };
  return { numbers, missing: 0 };
}

/** Blocks that nobody has, the lowest first: who wants one makes its key, and takes the next if another was faster. */
export function* freeBlocks(owned: ReadonlySet<number>): Generator<number> {
  for (let block = BLOCKS.first; block <= BLOCKS.last; block++) if (!owned.has(block)) yield block;
}

/** The block of a VNI. */
export function blockOf(vni: number): number {
  return Math.floor(vni / BLOCK_STEP);
}

function* freeNumbers(blocks: readonly number[], used: ReadonlySet<number>): Generator<number, undefined> {
  for (const block of blocks) {
    for (let nth = 1; nth <= BLOCK_VNIS; nth++) {
      const vni = block * BLOCK_STEP + nth;
      if (!used.has(vni)) yield vni;
    }
  }
  return undefined;
}
