/** Keys of nodes and edges that have no counterpart in a lab. */
import { counted } from '../../../counted.ts';
import { quote } from '../../text/excerpt.ts';
import type { Notes, Where } from '../notes.ts';

type Holder = 'node' | 'edge' | 'graph';

/** Counts such keys, so that each is noted once, where it is first, and not at every node of a large graph. */
export class LeftKeys {
  readonly #found = new Map<
    string,
    { readonly of: Holder; readonly key: string; count: number; readonly where: Where }
  >();

  add(of: Holder, keys: Iterable<string>, known: ReadonlySet<string>, where: Where): void {
    for (const key of keys) {
      if (known.has(key)) continue;
      const before = this.#found.get(`${of} ${key}`);
      if (before === undefined) this.#found.set(`${of} ${key}`, { of, key, count: 1, where });
      else before.count += 1;
    }
  }

  note(notes: Notes): void {
    for (const { of, key, count, where } of this.#found.values()) {
      notes.leftOut(`${quote(key)} of ${of === 'graph' ? 'the graph' : counted(count, of)}`, where);
    }
  }
}
