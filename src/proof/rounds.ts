/** The order in which probes are sent, and sent again. Pure: whoever drives it sends each batch, and tells how much time is left. */
import { componentOf } from './component.ts';
import type { Domain, End } from './end.ts';
import { isTooSlow, leavesWithinMs, triesOf } from './impairment.ts';
import { type Ask, type Batch, batchOf, bytesOf, type Ledger } from './ledger.ts';
import { type Pair, pairsOf, pairsWith } from './pairs.ts';

/** What is missing is waited for so long at least, in milliseconds. */
const WAIT_MS = 50;
/** The same for what was tried before, and will be again. */
const WAIT_AGAIN_MS = 10;
/** Pauses before what is missing is sent again: a bridge's port forwards half a second after its link came up, at the latest. */
const PAUSES_MS = [0, 50, 100, 150, 200, 250, 300];
/** How often a frame of full size is sent where small ones pass. */
const FULL_TRIES = 3;
/** Among so many that work, an end finds two that it can hear by the configuration. */
const PARTNERS_TRIED = 4;
/** How often the time of a pair is taken; the least counts. */
const TIMINGS = 3;

/** A batch, and how long to wait before it is sent. */
export interface Step {
  readonly pauseMs: number;
  readonly batch: Batch;
}

/** The pairs of all domains. Frames that would take too long at the configured rate are left out. */
export function allPairs(domains: readonly Domain[]): readonly Pair[] {
  return domains.flatMap(pairsOf).map(inTime);
}

function inTime(pair: Pair): Pair {
  const isSlow = isTooSlow(pair.from.impairments, bytesOf({ kind: 'full', pair }));
  return isSlow ? { ...pair, kinds: pair.kinds.filter((kind) => kind !== 'full') } : pair;
}

/**
 * Yields steps until all that is asked has arrived, or has been tried often enough. It is given the milliseconds that are left. `links`:
 * how many the whole proof has.
 */
export function* rounds(domains: readonly Domain[], ledger: Ledger, links: number): Generator<Step, void, number> {
  // What is impaired waits longer, and would make all else wait with it.
  const slow = new Set(domains.filter(({ ends }) => ends.some(({ impairments }) => impairments.length > 0)));
  for (const lane of [domains.filter((domain) => !slow.has(domain)), [...slow]]) {
    if (lane.length === 0) continue;
    const asks = lane.flatMap(({ key }) => ledger.asksOf(key));
    yield* firstTries(lane, asks, ledger);
    yield* again(lane, asks, ledger, links);
  }
}

function* firstTries(lane: readonly Domain[], asks: readonly Ask[], ledger: Ledger): Generator<Step, void, number> {
  const teach = lane.filter(({ manner }) => manner === 'taught').flatMap(({ ends }) => ends);
  const ofKind = (kind: Ask['kind']): readonly Ask[] => asks.filter((ask) => ask.kind === kind);
  const small = ofKind('small');
  const timed = small.filter(({ pair }) => pair.isTimed);
  yield* step(ofKind('broadcast'), { pace: 'together', teach });
  const untimed = small.filter(({ pair }) => !pair.isTimed);
  yield* step(untimed, { pace: 'together' });
  yield* step(timed, { pace: 'singly' });
  // What did not arrive the first time is tried again below, with pauses.
  for (let time = 1; time < TIMINGS; time++) {
    const arrived = timed.filter(({ hasArrived }) => hasArrived);
    yield* step(arrived, { pace: 'singly' });
  }
  const full = ofKind('full').filter((ask) => passesSmall(ask, ledger));
  yield* step(full, { pace: 'singly' });
}

function* again(
  lane: readonly Domain[],
  asks: readonly Ask[],
  ledger: Ledger,
  links: number,
): Generator<Step, void, number> {
  const all = [...asks];
  const hubs = new Map<Domain, Set<End>>();
  let leftMs = Number.POSITIVE_INFINITY;
  for (let round = 0; leftMs > 0; round++) {
    const isLast = round >= PAUSES_MS.length;
    const missing = all.filter((ask) => isWorthATry(ask, ledger, isLast, links));
    if (missing.length === 0) return;
    if (round > 0) {
      const more = ledger.add(lane.flatMap((domain) => doubts(domain, ledger, hubs)));
      all.push(...more);
      missing.push(...more);
    }
    const at = Math.min(round, PAUSES_MS.length - 1);
    const isFinal = at === PAUSES_MS.length - 1 || missing.every(({ kind }) => kind === 'full');
    const waitMs = isFinal ? WAIT_MS : WAIT_AGAIN_MS;
    const isSingle = (ask: Ask): boolean => ask.kind === 'full' || ask.pair.isTimed;
    const together = missing.filter((ask) => !isSingle(ask));
    const pauseMs = PAUSES_MS[at] ?? 0;
    leftMs = (yield* step(together, { pace: 'together', pauseMs, waitMs })) ?? leftMs;
    const rest = together.length === 0 ? pauseMs : 0;
    leftMs = (yield* step(missing.filter(isSingle), { pace: 'singly', pauseMs: rest, waitMs })) ?? leftMs;
  }
}

function isWorthATry(ask: Ask, ledger: Ledger, isLast: boolean, links: number): boolean {
  if (ask.hasArrived) return false;
  const { from } = ask.pair;
  const tries = triesOf(from.impairments, links);
  if (ask.kind === 'full') return passesSmall(ask, ledger) && ask.tries < FULL_TRIES * tries;
  return !isLast || ask.tries < tries;
}

/** Where a small frame does not pass, one of full size tells nothing. */
function passesSmall({ pair }: Ask, ledger: Ledger): boolean {
  return ledger.askOf(pair.from, pair.to, 'small')?.hasArrived ?? true;
}

/**
 * Pairs that show whether an end is at fault, or only those that it was to hear: it and some that work, which are those of the part that
 * works. As long as that is not more than half of the domain, the hub may be among those at fault, and others take its place.
 * `hubs`: those that did; is added to.
 */
function doubts(domain: Domain, ledger: Ledger, hubs: Map<Domain, Set<End>>): readonly Pair[] {
  const { ends } = domain;
  if (ends.length <= 2 || ledger.asksOf(domain.key).every(({ hasArrived }) => hasArrived)) return [];
  const sound = componentOf(domain, ledger);
  if (sound.size === ends.length) return doubtedSizes(domain, ledger, sound);
  if (sound.size * 2 > ends.length) {
    const partners = byArrivals(domain, ledger, [...sound]);
    const outside = ends.filter((end) => !sound.has(end));
    return [...outside.flatMap((end) => pairsWith(domain, end, partners)), ...doubtedSizes(domain, ledger, sound)];
  }
  const tried = hubs.get(domain) ?? new Set<End>();
  hubs.set(domain, tried);
  const next = byArrivals(
    domain,
    ledger,
    ends.filter((end) => !tried.has(end) && (sound.size <= 1 || !sound.has(end))),
  );
  for (const hub of next) tried.add(hub);
  return next.flatMap((hub) => ends.flatMap((end) => pairsWith(domain, end, [hub])));
}

/** Some of these ends, those first of whose frames the most have arrived. */
function byArrivals({ key }: Domain, ledger: Ledger, some: readonly End[]): readonly End[] {
  const arrivals = new Map<End, number>();
  for (const { hasArrived, pair } of ledger.asksOf(key)) {
    if (hasArrived) for (const end of [pair.from, pair.to]) arrivals.set(end, (arrivals.get(end) ?? 0) + 1);
  }
  return some.toSorted((x, y) => (arrivals.get(y) ?? 0) - (arrivals.get(x) ?? 0)).slice(0, PARTNERS_TRIED);
}

/**
 * The same for frames of full size among ends that work: where the neighbours are at fault, none passes or none was tried. It is tried
 * with ends of which one has passed.
 */
function doubtedSizes(domain: Domain, ledger: Ledger, sound: ReadonlySet<End>): readonly Pair[] {
  const full = ledger.asksOf(domain.key).filter(({ kind }) => kind === 'full');
  const among = full.filter(({ pair }) => sound.has(pair.from) && sound.has(pair.to));
  const endsOf = (asks: readonly Ask[]): Set<End> => new Set(asks.flatMap(({ pair }) => [pair.from, pair.to]));
  const passed = endsOf(among.filter(({ hasArrived }) => hasArrived));
  const partners = [...passed].slice(0, PARTNERS_TRIED);
  return [...endsOf(full)]
    .filter((end) => sound.has(end) && !passed.has(end))
    .flatMap((end) => pairsWith(domain, end, partners, ['small', 'full']).map(inTime));
}

interface How {
  readonly pace: 'together' | 'singly';
  /** Ends that first send a frame to themselves. Default: none. */
  readonly teach?: readonly End[];
  /** Default 0. */
  readonly pauseMs?: number;
  /** How long what is not impaired is waited for. Default WAIT_MS. */
  readonly waitMs?: number;
}

/** One step, if there is anything to send. Returns the milliseconds that are left; null: nothing was sent. */
function* step(asks: readonly Ask[], how: How): Generator<Step, number | null, number> {
  const { pace, teach = [], pauseMs = 0, waitMs = WAIT_MS } = how;
  if (asks.length === 0 && teach.length === 0) return null;
  const slowestMs = asks.reduce(
    (most, ask) => Math.max(most, leavesWithinMs(ask.pair.from.impairments, bytesOf(ask))),
    0,
  );
  return yield { pauseMs, batch: batchOf(asks, { pace, teach, waitMs: waitMs + slowestMs }) };
}
