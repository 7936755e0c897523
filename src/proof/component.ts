import type { Domain, End } from './end.ts';
import type { Ledger } from './ledger.ts';

/**
 * The largest part of a domain whose ends all reach each other, directly or over others: that part works, and what is not in it is at
 * fault. Of two of the same size the one with the earlier end counts.
 */
export function componentOf(domain: Domain, ledger: Ledger): ReadonlySet<End> {
  const onward = neighbours(domain, ledger, false);
  const back = neighbours(domain, ledger, true);
  const rest = new Set(domain.ends);
  let largest: ReadonlySet<End> = new Set();
  for (const end of domain.ends) {
    if (!rest.has(end) || rest.size <= largest.size) continue;
    const before = reached(end, back);
    const component = new Set([...reached(end, onward)].filter((one) => before.has(one)));
    for (const one of component) rest.delete(one);
    if (component.size > largest.size) largest = component;
  }
  return largest;
}

type Neighbours = ReadonlyMap<End, readonly End[]>;

function neighbours({ ends, key }: Domain, ledger: Ledger, isReversed: boolean): Neighbours {
  const lists = new Map<End, End[]>(ends.map((end) => [end, []]));
  for (const ask of ledger.asksOf(key)) {
    if (!ask.hasArrived) continue;
    const { from, to } = ask.pair;
    const [start, end] = isReversed ? [to, from] : [from, to];
    lists.get(start)?.push(end);
  }
  return lists;
}

function reached(start: End, next: Neighbours): ReadonlySet<End> {
  const seen = new Set([start]);
  for (const end of seen) for (const one of next.get(end) ?? []) seen.add(one);
  return seen;
}
