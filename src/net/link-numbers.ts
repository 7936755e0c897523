/**
 * Lists settings of a link's device that are whole numbers to the kernel and on which nothing else depends. They are set when the
 * device is made, changed in place, and compared only if the configuration gives one. A new setting is a new row.
 */

interface LinkNumberTraits {
  /** The attribute in linux/if_link.h, of 32 bits. */
  readonly attribute: number;
  readonly min: number;
  readonly max: number;
  readonly description: string;
}

const ROWS = {
  // IFLA_TXQLEN. Up to INT_MAX (ip-link(8) reads an int), and dev_change_tx_queue_len takes no more than fits 32 bits.
  txqueuelen: {
    attribute: 13,
    min: 0,
    max: 2 ** 31 - 1,
    description: 'packets that the transmit queue of the node end holds',
  },
} as const satisfies Readonly<Record<string, LinkNumberTraits>>;

export type LinkNumber = keyof typeof ROWS;
/** The numbers that are given. For all others the kernel's own default counts. */
export type LinkNumbers = Readonly<Partial<Record<LinkNumber, number>>>;

export const LINK_NUMBERS = Object.entries(ROWS) as unknown as readonly (readonly [LinkNumber, LinkNumberTraits])[];
export const NO_NUMBERS: LinkNumbers = {};

const BY_ATTRIBUTE: ReadonlyMap<number, LinkNumber> = new Map(LINK_NUMBERS.map(([name, row]) => [row.attribute, name]));

/** The name of the number that an attribute of a link holds; undefined if it holds none. */
export function linkNumberAt(attribute: number): LinkNumber | undefined {
  return BY_ATTRIBUTE.get(attribute);
}

/** The numbers that an entry of the configuration gives, or anything else that has them by name. */
export function numbersOf(given: Readonly<Partial<Record<LinkNumber, number | undefined>>>): LinkNumbers {
  let numbers = NO_NUMBERS;
  for (const [name] of LINK_NUMBERS) {
    const value = given[name];
    if (value !== undefined) numbers = { ...numbers, [name]: value };
  }
  return numbers;
}

/** The numbers of `wanted` that differ, each with a cause such as `txqueuelen 1000 → 500`. */
export function numberDifferences(
  wanted: LinkNumbers,
  found: LinkNumbers,
): { readonly causes: readonly string[]; readonly numbers: LinkNumbers } {
  const causes: string[] = [];
  let numbers = NO_NUMBERS;
  for (const [name, value] of Object.entries(wanted) as [LinkNumber, number][]) {
    if (found[name] === value) continue;
    causes.push(`${name} ${found[name] ?? 'unknown'} → ${value}`);
    numbers = { ...numbers, [name]: value };
  }
  return { causes, numbers };
}

/** The numbers as words: `txqueuelen 500`. */
export function numberWords(numbers: LinkNumbers): readonly string[] {
  return Object.entries(numbers).flatMap(([name, value]) => [name, String(value)]);
}
