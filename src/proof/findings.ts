/** What has arrived → the state of each end, and which others it concerns. */
import { counted } from '../counted.ts';
import { componentOf } from './component.ts';
import type { Domain, End } from './end.ts';
import type { Ask, Ledger } from './ledger.ts';
import type { Kind } from './pairs.ts';
import type { LinkProof, ProofState } from './proof.ts';

/** What arrivals say of an end. */
export interface Finding {
  readonly end: End;
  readonly domain: Domain;
  readonly state: ProofState;
  /** Ends with which something did not pass. */
  readonly partners: readonly End[];
  /** In words, without the cause. '' if it is ok. */
  readonly text: string;
  /** Whether anything was asked of it. */
  readonly isAsked: boolean;
  readonly measured: Measured;
}

/** As of `LinkProof`. */
export type Measured = Pick<LinkProof, 'mtuBytes' | 'latencyNs'>;

type Said = Pick<Finding, 'state' | 'partners' | 'text'>;

/** What is known of a domain as a whole. */
interface Whole {
  readonly domain: Domain;
  /** Of more than two ends, those that all reach each other; empty of two. */
  readonly sound: ReadonlySet<End>;
  /** Whether an end misses everything of a kind that was asked of it and the sound ones. */
  readonly isAllMissing: (end: End, kind: Kind) => boolean;
}

export function findingsOf(domain: Domain, ledger: Ledger): readonly Finding[] {
  if (domain.ends.length === 0) return [];
  const asks = asksByEnd(domain, ledger);
  const largest = domain.ends.length > 2 ? componentOf(domain, ledger) : new Set<End>();
  const sound: ReadonlySet<End> = largest.size > 1 ? largest : new Set();
  const isAllMissing = (end: End, kind: Kind): boolean =>
    among(asks.get(end) ?? [], sound.size > 1 ? sound : null).every((ask) => ask.kind !== kind || !ask.hasArrived);
  return domain.ends.map((end) => {
    const own = asks.get(end) ?? [];
    const said = own.length === 0 ? lonely(domain, end) : judge({ domain, sound, isAllMissing }, end, own);
    const { state, partners, text } = ledger.isOutOfTime && own.some(isUndecided) ? OUT_OF_TIME : said;
    return { end, domain, state, partners, text, isAsked: own.length > 0, measured: measuredOf(end, own, ledger) };
  });
}

/** The MTU that is proved, and the least times. */
function measuredOf(end: End, asks: readonly Ask[], ledger: Ledger): Measured {
  let mtuBytes: number | null = null;
  const latencyNs: { out: number | null; in: number | null } = { out: null, in: null };
  for (const { pair, kind, hasArrived } of asks) {
    const isOut = pair.from === end;
    if (kind === 'full' && hasArrived && isOut) mtuBytes = Math.max(mtuBytes ?? 0, pair.mtuBytes);
    if (kind === 'small' && pair.isTimed) latencyNs[isOut ? 'out' : 'in'] ??= ledger.leastNs(pair.from, pair.to);
  }
  return { mtuBytes, latencyNs };
}

const OUT_OF_TIME: Said = {
  ...{ state: 'not-proved', partners: [] },
  text: 'the time ran out before its probes were back: `--timeout` gives more',
};

/** Whether more time could have changed what is known. */
function isUndecided({ hasArrived, tries, pair }: Ask): boolean {
  return !hasArrived && (tries === 0 || pair.from.impairments.length > 0);
}

function asksByEnd({ key }: Domain, ledger: Ledger): ReadonlyMap<End, readonly Ask[]> {
  const lists = new Map<End, Ask[]>();
  for (const ask of ledger.asksOf(key)) {
    for (const end of [ask.pair.from, ask.pair.to]) {
      const list = lists.get(end);
      if (list === undefined) lists.set(end, [ask]);
      else list.push(ask);
    }
  }
  return lists;
}

/** Nothing could be asked. It is a fault if another end should be there and is not. */
function lonely({ absent, bridge, label }: Domain, end: End): Said {
  if (end.parent !== null && !end.meetsSiblings) {
    return { state: 'not-proved', partners: [], text: 'by its mode it hears no other link of the configuration' };
  }
  const missing = absent.find(({ state }) => state !== 'not-proved');
  if (missing !== undefined) {
    const text = `no probe arrives from ${missing.link.id}: ${missing.message}`;
    return { state: 'nothing', partners: [], text };
  }
  const [first] = absent;
  const text =
    first === undefined
      ? `no other link of this lab is ${bridge === null ? `among the ${label}` : `tied to ${label}`}`
      : `${first.link.id}, which it is tied to, is not probed: ${first.message}`;
  return { state: 'not-proved', partners: [], text };
}

function judge(whole: Whole, end: End, asks: readonly Ask[]): Said {
  const { sound } = whole;
  if (sound.has(end)) return within(whole, end, among(asks, sound));
  const others = new Set(sound.size > 0 ? [...sound, end] : [...partnersOf(end, asks), end]);
  const relevant = among(asks, others);
  const into = relevant.filter(({ pair, kind }) => pair.to === end && kind !== 'full');
  const out = relevant.filter(({ pair, kind }) => pair.from === end && kind !== 'full');
  const partners = partnersOf(end, relevant);
  const named = partners.length === 1 ? (partners[0]?.link.id ?? '') : `the other links of ${whole.domain.label}`;
  const said = (state: ProofState, text: string): Said => ({ state, partners, text });
  const [hears, isHeard] = [into, out].map((some) => some.length === 0 || some.some(({ hasArrived }) => hasArrived));
  if (!hears && !isHeard) return said('nothing', `nothing arrives from ${named}, and nothing from it arrives there`);
  if (!hears) return said('one-way', `nothing arrives from ${named}, while what it sends arrives there`);
  if (!isHeard) return said('one-way', `what it sends does not arrive at ${named}, while what is sent there arrives`);
  return within(whole, end, relevant);
}

/** Those asks that are among some ends. null: all. */
function among(asks: readonly Ask[], ends: ReadonlySet<End> | null): readonly Ask[] {
  return ends === null ? asks : asks.filter(({ pair }) => ends.has(pair.from) && ends.has(pair.to));
}

const SOUND: Said = { state: 'ok', partners: [], text: '' };

/** An end that is reached and reaches others: whether all kinds of frames pass. */
function within({ isAllMissing }: Whole, end: End, asks: readonly Ask[]): Said {
  const missing = asks.filter(({ hasArrived }) => !hasArrived);
  // Where the other end misses all of the kind and this one does not, the other one is at fault.
  const isMine = ({ pair, kind }: Ask): boolean =>
    isAllMissing(end, kind) || !isAllMissing(pair.from === end ? pair.to : pair.from, kind);
  const mine = missing.filter(isMine);
  const ofKind = (kind: Kind): readonly Ask[] => mine.filter((ask) => ask.kind === kind);
  const said = (state: ProofState, some: readonly Ask[], text: string): Said => ({
    ...{ state, text },
    partners: partnersOf(end, some),
  });
  const [lost, unheard, short] = [ofKind('small'), ofKind('broadcast'), ofKind('full')];
  if (lost.length > 0) return said('partial', lost, `frames ${wayOf(end, lost)} do not arrive, though others do`);
  if (unheard.length > 0) {
    return said('partial', unheard, `broadcasts ${wayOf(end, unheard)} do not arrive, though other frames do`);
  }
  if (short.length === 0) return SOUND;
  const mtuBytes = Math.max(...short.map(({ pair }) => pair.mtuBytes));
  return said('mtu', short, `packets of ${mtuBytes} bytes ${wayOf(end, short)} do not arrive, though small ones do`);
}

function partnersOf(end: End, asks: readonly Ask[]): readonly End[] {
  return [...new Set(asks.map(({ pair }) => (pair.from === end ? pair.to : pair.from)))];
}

function wayOf(end: End, asks: readonly Ask[]): string {
  const [first, ...more] = partnersOf(end, asks);
  const named = `${first?.link.id}${more.length === 0 ? '' : ` and ${counted(more.length, 'other', 'others')}`}`;
  const ways = new Set(asks.map(({ pair }) => pair.from === end));
  if (ways.size === 2) return `to and from ${named}`;
  return ways.has(true) ? `to ${named}` : `from ${named}`;
}
