/** What was asked and what has arrived, pair by pair. */
import { type ProbeArrivals, type ProbeBatch, TO_ALL } from '../wire/probe.ts';
import type { Domain, End } from './end.ts';
import { type Kind, keyOf, type Pair, pairsOf } from './pairs.ts';

/** A probe is at least so long: an Ethernet frame without its checksum. */
const SMALL_BYTES = 60;
/** Headers and a probe's own part in an IPv6 packet are longer than that (workers/probe/ip.ts). */
const SMALL_PACKET_BYTES = 90;
const ETH_HEADER_BYTES = 14;

/** One kind of probe of one pair. */
export interface Ask {
  readonly pair: Pair;
  readonly kind: Kind;
  tries: number;
  hasArrived: boolean;
  /** The errno of the last try that the kernel refused; 0: none. */
  refused: number;
}

/** Links whose probes arrived where they do not belong. */
export interface Stray {
  readonly from: End;
  /** null: a device that is no end. */
  readonly at: End | null;
  /** The device, where it is no end. */
  readonly device: { readonly place: number; readonly ifindex: number } | null;
}

/** All ends of a proof, where any probe may arrive, by their numbers. */
export interface Whereabouts {
  readonly ends: readonly End[];
  /** The domain in which an end is probed. Absent: in none. */
  readonly domainOf: readonly (Domain | undefined)[];
}

export function whereabouts(ends: readonly End[], domains: readonly Domain[]): Whereabouts {
  const domainOf = new Array<Domain | undefined>(ends.length).fill(undefined);
  for (const domain of domains) {
    for (const { from, to } of pairsOf(domain)) {
      domainOf[from.number] = domain;
      domainOf[to.number] = domain;
    }
  }
  return { ends, domainOf };
}

export class Ledger {
  readonly #where: Whereabouts;
  /** Of each pair those of its kinds, of which there are at most three. */
  readonly #asks = new Map<number, Ask[]>();
  readonly #asksOf = new Map<string, Ask[]>();
  readonly #leastNs = new Map<number, number>();
  readonly #strays = new Map<string, Stray>();
  readonly #sent: Sent[] = [];
  /** Whether the time ran out before all was tried as often as it has to be. */
  isOutOfTime = false;
  sent = 0;
  arrived = 0;

  /** `pairs`: of some domains, or of all. */
  constructor(where: Whereabouts, pairs: readonly Pair[]) {
    this.#where = where;
    this.add(pairs);
  }

  /** Also asks for these pairs. Returns what is new. */
  add(pairs: readonly Pair[]): readonly Ask[] {
    return pairs.flatMap((pair) => {
      const key = keyOf(pair.from, pair.to);
      const known = this.#asks.get(key);
      const isNew = (kind: Kind): boolean => known === undefined || !known.some((ask) => ask.kind === kind);
      const kinds = pair.kinds.every(isNew) ? pair.kinds : pair.kinds.filter(isNew);
      const asks = kinds.map((kind): Ask => ({ pair, kind, tries: 0, hasArrived: false, refused: 0 }));
      if (asks.length === 0) return asks;
      const { key: domain } = pair.domain;
      this.#asks.set(key, joined(known, asks));
      this.#asksOf.set(domain, joined(this.#asksOf.get(domain), asks));
      return asks;
    });
  }

  /** Everything that is asked in a domain. */
  asksOf(domain: string): readonly Ask[] {
    return this.#asksOf.get(domain) ?? [];
  }

  askOf(from: End, to: End, kind: Kind): Ask | undefined {
    return this.#asks.get(keyOf(from, to))?.find((ask) => ask.kind === kind);
  }

  /** The least time that a probe took, in nanoseconds; null: none was measured. */
  leastNs(from: End, to: End): number | null {
    return this.#leastNs.get(keyOf(from, to)) ?? null;
  }

  get strays(): readonly Stray[] {
    return [...this.#strays.values()];
  }

  /** Writes down what became of a batch. */
  note(batch: Batch, refused: Int32Array, { probe, at, tookNs, others }: ProbeArrivals, first: number): void {
    batch.asks.forEach((asks, index) => {
      const errno = refused[index] ?? 0;
      if (errno === 0) this.sent += 1;
      for (const ask of asks) {
        ask.tries += 1;
        ask.refused = errno;
      }
    });
    const { from: senders, to: receivers } = batch.batch;
    this.#sent.push({ first, from: senders, to: receivers, kinds: batch.kinds });
    const isTimed = batch.batch.pace === 'singly';
    for (let index = 0; index < probe.length; index++) {
      this.arrived += 1;
      // It can be one of an earlier batch, which came late; of an earlier ledger, it is too late.
      const sent = this.#batchOf(probe[index] ?? 0);
      const number = (probe[index] ?? 0) - sent.first;
      const end = at[index] ?? 0;
      const from = this.#where.ends[sent.from[number] ?? -1];
      if (from === undefined) continue;
      if (end < 0) this.#strayAt(from, others[-1 - end] ?? null);
      else this.#arrive(sent, number, from, this.#where.ends[end] as End, isTimed ? (tookNs[index] ?? null) : null);
    }
  }

  /** The batch that a probe was in. */
  #batchOf(probe: number): Sent {
    let at = this.#sent.length - 1;
    while (at > 0 && (this.#sent[at]?.first ?? 0) > probe) at -= 1;
    return this.#sent[at] as Sent;
  }

  #arrive(sent: Sent, number: number, from: End, at: End, tookNs: number | null): void {
    const to = sent.to[number] ?? TO_ALL;
    const kind = sent.kinds[number] ?? 'small';
    if (to === TO_ALL || to === at.number) {
      const ask = this.askOf(from, at, kind);
      if (ask !== undefined) {
        ask.hasArrived = true;
        if (tookNs !== null && tookNs > 0 && kind === 'small') this.#time(from, at, tookNs);
        return;
      }
    }
    const [domain, other] = [this.#where.domainOf[from.number], this.#where.domainOf[at.number]];
    if (domain === other || domain === undefined) return;
    // A parent sees its VLANs' frames for other devices, as not meant for it.
    if (domain.below !== null && domain.below === other?.key) return;
    const key = `${from.number} ${at.number}`;
    if (!this.#strays.has(key)) this.#strays.set(key, { from, at, device: null });
  }

  #time(from: End, to: End, tookNs: number): void {
    const key = keyOf(from, to);
    this.#leastNs.set(key, Math.min(tookNs, this.#leastNs.get(key) ?? Number.POSITIVE_INFINITY));
  }

  #strayAt(from: End, device: Stray['device']): void {
    if (device === null) return;
    const key = `${from.number} ${device.place}/${device.ifindex}`;
    if (!this.#strays.has(key)) this.#strays.set(key, { from, at: null, device });
  }
}

/** What of a batch that was sent is still needed when its probes arrive: not what each asks, which of 100,000 links is tens of megabytes. */
interface Sent {
  /** The number of its first probe. */
  readonly first: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly kinds: readonly Kind[];
}

/** A batch, and what each of its probes asks. */
export interface Batch {
  readonly batch: ProbeBatch;
  /** A broadcast asks for several; a frame that teaches asks for none. */
  readonly asks: readonly (readonly Ask[])[];
  readonly kinds: readonly Kind[];
}

/** Makes a batch of asks. Broadcasts of one end become one probe. `teach`: ends that first send a frame to themselves. */
export function batchOf(
  asks: readonly Ask[],
  how: { readonly pace: ProbeBatch['pace']; readonly waitMs: number; readonly teach?: readonly End[] },
): Batch {
  const probes: { from: number; to: number; bytes: number; asks: Ask[]; kind: Kind }[] = [];
  for (const end of how.teach ?? []) {
    probes.push({ from: end.number, to: end.number, bytes: SMALL_BYTES, asks: [], kind: 'small' });
  }
  const broadcasts = new Map<number, Ask[]>();
  for (const ask of asks) {
    const { from, to } = ask.pair;
    if (ask.kind !== 'broadcast') {
      probes.push({ from: from.number, to: to.number, bytes: bytesOf(ask), asks: [ask], kind: ask.kind });
      continue;
    }
    const known = broadcasts.get(from.number);
    if (known !== undefined) {
      known.push(ask);
      continue;
    }
    const list = [ask];
    broadcasts.set(from.number, list);
    probes.push({ from: from.number, to: TO_ALL, bytes: SMALL_BYTES, asks: list, kind: 'broadcast' });
  }
  const column = (of: (probe: (typeof probes)[number]) => number): Int32Array => Int32Array.from(probes, of);
  return {
    batch: {
      ...{ from: column(({ from }) => from), to: column(({ to }) => to), bytes: column(({ bytes }) => bytes) },
      copies: column(({ asks: list }) => list.length),
      ...{ pace: how.pace, waitMs: how.waitMs },
    },
    asks: probes.map(({ asks: list }) => list),
    kinds: probes.map(({ kind }) => kind),
  };
}

/** Lists up to this length are made anew: those of wires stay as short, and one that grows has room for sixteen more. */
const SHORT = 8;

function joined(known: Ask[] | undefined, more: Ask[]): Ask[] {
  if (known === undefined) return more;
  if (known.length <= SHORT) return known.concat(more);
  for (const ask of more) known.push(ask);
  return known;
}

/** The length of the frame. */
export function bytesOf({ kind, pair }: Pick<Ask, 'kind' | 'pair'>): number {
  const least = pair.from.address === null ? SMALL_BYTES : SMALL_PACKET_BYTES;
  return kind === 'full' ? Math.max(least, pair.mtuBytes + ETH_HEADER_BYTES) : least;
}
