/** Which ends of a domain probe which others. */
import { type Domain, type End, meet } from './end.ts';

/** What is asked of a pair. `full`: a frame of the whole MTU. */
export type Kind = 'broadcast' | 'small' | 'full';

/** One direction between two ends that have to hear each other. */
export interface Pair {
  readonly from: End;
  readonly to: End;
  readonly domain: Domain;
  /** The largest MTU that the configuration gives both. */
  readonly mtuBytes: number;
  readonly kinds: readonly Kind[];
  /** Whether its time is measured. */
  readonly isTimed: boolean;
}

/**
 * The pairs of a domain: of two ends both directions; of more a hub, which all others send to and which sends to all at once, and a
 * ring through all. That is four frames an end, where all pairs would be a square of them.
 */
export function pairsOf(domain: Domain): readonly Pair[] {
  const { ends } = domain;
  const [first, second] = ends;
  if (first === undefined || second === undefined) return [];
  const isFree = domain.manner === 'free';
  if (ends.length === 2) {
    const kinds: readonly Kind[] = isFree ? ['broadcast', 'small', 'full'] : ['small', 'full'];
    return meet(first, second)
      ? [pair(domain, first, second, kinds, true), pair(domain, second, first, kinds, true)]
      : [];
  }
  const pairs: Pair[] = [];
  // Neighbours of one MTU, so that each is tried with its own.
  const ring = ends.toSorted((a, b) => a.mtuBytes - b.mtuBytes || a.number - b.number);
  const hub = hubOf(ring);
  for (const end of ring) {
    if (!meet(hub, end)) continue;
    pairs.push(pair(domain, end, hub, ['small'], false));
    if (isFree) pairs.push(pair(domain, hub, end, ['broadcast'], false));
  }
  const known = new Set(pairs.map(({ from, to }) => keyOf(from, to)));
  ring.forEach((end, at) => {
    const next = nextOf(ring, at);
    if (next === null) return;
    const isHub = known.has(keyOf(end, next));
    if (!isHub) pairs.push(pair(domain, end, next, ['small', 'full'], true));
    else widen(pairs, end, next);
  });
  return pairs;
}

/** Pairs with ends that are well connected, for an end whose first partners may be at fault themselves. */
export function pairsWith(
  domain: Domain,
  end: End,
  sound: readonly End[],
  kinds: readonly Kind[] = ['small'],
): readonly Pair[] {
  const partners = sound.filter((one) => meet(one, end)).slice(0, 2);
  return partners.flatMap((one) => [pair(domain, end, one, kinds, false), pair(domain, one, end, kinds, false)]);
}

/** A number that stands for a pair. */
export function keyOf(from: Pick<End, 'number'>, to: Pick<End, 'number'>): number {
  return from.number * 2 ** 22 + to.number;
}

function pair(domain: Domain, from: End, to: End, kinds: readonly Kind[], isTimed: boolean): Pair {
  return { domain, from, to, mtuBytes: Math.min(from.mtuBytes, to.mtuBytes), kinds, isTimed };
}

/** The end that meets the most others: one without siblings that it does not meet. */
function hubOf(ring: readonly End[]): End {
  return ring.find(({ parent }) => parent === null) ?? (ring[0] as End);
}

/** The next end around the ring that this one meets; null: it meets none. */
function nextOf(ring: readonly End[], at: number): End | null {
  const end = ring[at] as End;
  for (let step = 1; step < ring.length; step++) {
    const next = ring[(at + step) % ring.length] as End;
    if (meet(end, next)) return next;
  }
  return null;
}

/** Adds what the ring asks to a pair that the hub has already. */
function widen(pairs: Pair[], from: End, to: End): void {
  const at = pairs.findIndex((each) => each.from === from && each.to === to);
  const known = pairs[at];
  if (known === undefined) return;
  pairs[at] = { ...known, kinds: [...new Set<Kind>([...known.kinds, 'small', 'full'])], isTimed: true };
}
