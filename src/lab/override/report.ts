import type { Failure } from '../../events.ts';
import type { Override } from '../../plan/plan.ts';

/** What became of one end of a link. */
export interface EndReport {
  /** `NODE:DEV`. */
  readonly link: string;
  /** `node`: the device in the node. `port`: the link's other end, on the switch side. */
  readonly end: 'node' | 'port';
  /** What has changed, for people: `state up → down`. Empty: it was like that already. */
  readonly changes: readonly string[];
  /** What is set by hand on this end now. */
  readonly overrides: readonly Override[];
  /** Whether the kernel refused it; `failures` says why. */
  readonly hasFailed: boolean;
}

/** The result of `set` and `reset`. */
export interface SetReport {
  readonly lab: string;
  readonly ends: readonly EndReport[];
  /** Links that a glob or a bridge stood for, and that are not there. */
  readonly missing: readonly string[];
  readonly failures: readonly Failure[];
}

/** How many different lists are kept. */
const MOST_LISTS = 4096;

/** Keeps one list of what many reports say alike. */
export class AlikeLists {
  readonly #lists = new Map<string, readonly unknown[]>();

  of({ link, end, changes, overrides, hasFailed }: EndReport): EndReport {
    return { link, end, changes: this.#list(changes), overrides: this.#list(overrides), hasFailed };
  }

  #list<T>(list: readonly T[]): readonly T[] {
    const text = JSON.stringify(list);
    const first = this.#lists.get(text);
    if (first === undefined && this.#lists.size < MOST_LISTS) this.#lists.set(text, list);
    return (first as readonly T[] | undefined) ?? list;
  }
}
