/** Groups things by a key. Keys come in the order of their first appearance, and things in their own order. */
export function grouped<T, K>(things: readonly T[], keyOf: (thing: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    const group = groups.get(key);
    if (group) group.push(thing);
    else groups.set(key, [thing]);
  }
  return groups;
}

/** Puts things into lists in their order, so that the sizes of a list come to `most` at most, unless one thing alone has more. */
export function packed<T>(things: Iterable<T>, sizeOf: (thing: T) => number, most: number): readonly (readonly T[])[] {
  const lists: T[][] = [];
  let filled = 0;
  for (const thing of things) {
    const size = sizeOf(thing);
    filled += size;
    const list = lists.at(-1);
    if (list !== undefined && filled <= most) list.push(thing);
    else {
      lists.push([thing]);
      filled = size;
    }
  }
  return lists;
}
