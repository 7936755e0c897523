import { counted } from '../../counted.ts';
import { noCounts, type TapCounts } from '../../wire/capture.ts';

/** What became of a link's packets. null: it is not known how many they were. */
export interface LinkCounts {
  /** Packets that passed the filter. */
  readonly received: number | null;
  /** Those of them that found no room. */
  readonly dropped: number | null;
  /** Those of them that were written. */
  readonly delivered: number;
  /** Why something is not known; '': all is. */
  readonly remark: string;
}

interface Together {
  dropped: number;
  links: number;
}

/** An option's head and padding. */
const REMARK_BYTES = 8;

/** The last counts that the capturing thread has reported. */
export class Counts {
  #counts: TapCounts;
  #together: ReadonlyMap<number, Together> = new Map();

  constructor(interfaces: number) {
    this.#counts = noCounts(interfaces);
  }

  /** Takes a report over. */
  take(counts: TapCounts): void {
    this.#counts = counts;
    const together = new Map<number, Together>();
    for (const { ids, dropped } of counts.together) {
      for (const id of ids) {
        const known = together.get(id) ?? { dropped: 0, links: 0 };
        together.set(id, { dropped: known.dropped + dropped, links: Math.max(known.links, ids.length) });
      }
    }
    this.#together = together;
  }

  of(id: number): LinkCounts {
    const { received, dropped, delivered } = this.#counts;
    const together = this.#together.get(id);
    const written = delivered[id] ?? 0;
    if (together === undefined) {
      return { received: received[id] ?? 0, dropped: dropped[id] ?? 0, delivered: written, remark: '' };
    }
    return { received: null, dropped: null, delivered: written, remark: remarkOf(together) };
  }

  /** Over all links. */
  dropped(): number {
    const { dropped, together } = this.#counts;
    return sumOf(dropped) + together.reduce((sum, each) => sum + each.dropped, 0);
  }

  delivered(): number {
    return sumOf(this.#counts.delivered);
  }

  /** How much room the remarks take in a capture, at most. */
  remarkBytes(): number {
    return [...this.#together.values()].reduce((sum, each) => sum + remarkOf(each).length + REMARK_BYTES, 0);
  }
}

function remarkOf({ dropped, links }: Together): string {
  return `${counted(dropped, 'packet')} of the ${links} links that share a socket found no room; how many of this one is not known`;
}

function sumOf(numbers: Float64Array): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
