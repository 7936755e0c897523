/**
 * `live/` draws the table of `status --watch`. Pure: links and what a person has chosen → lines.
 *
 * This file: what is chosen, by options and by keys.
 */
import type { LiveLink } from '../../lab/live/rates.ts';

export const SORTS = ['rate', 'rx', 'tx', 'packets', 'drops', 'errors', 'name', 'state'] as const;
export type Sort = (typeof SORTS)[number];

export interface View {
  readonly sort: Sort;
  /** Text that the name of a link or of its bridge contains; '' for all. */
  readonly filter: string;
  /** The text that is being typed. null: none is. */
  readonly typed: string | null;
  /** Only links that are not as wanted. */
  readonly onlyDrift: boolean;
  /** How many rows are above the first one that is shown. */
  readonly top: number;
}

/** What a key does: another view, or the end. */
export type Keyed = View | 'quit';

const QUIT = new Set(['q', 'Q', '\x03', '\x04']);
const ENTER = new Set(['\r', '\n']);
const ESCAPE = '\x1b';
const BACKSPACE = new Set(['\x7f', '\b']);

/** Escape sequences of keys (xterm), and letters for the same. The number is in pages if it is not whole. */
const MOVES: Readonly<Record<string, number>> = {
  ...{ '\x1b[A': -1, '\x1bOA': -1, k: -1, '\x1b[B': 1, '\x1bOB': 1, j: 1 },
  ...{ '\x1b[5~': -0.5, '\x1b[6~': 0.5, b: -0.5, ' ': 0.5 },
  ...{ '\x1b[H': Number.NEGATIVE_INFINITY, '\x1b[1~': Number.NEGATIVE_INFINITY, g: Number.NEGATIVE_INFINITY },
  ...{ '\x1b[F': Number.POSITIVE_INFINITY, '\x1b[4~': Number.POSITIVE_INFINITY, G: Number.POSITIVE_INFINITY },
};

const KEY = new RegExp(`${ESCAPE}(?:\\[[0-9;]*[A-Za-z~]|O[A-Z])|[^]`, 'gu');

/** The keys in what a terminal has sent at once. */
export function keysIn(text: string): readonly string[] {
  return text.match(KEY) ?? [];
}

/** The view after a key. `page`: how many rows are shown; `rows`: how many there are. */
export function keyed(
  view: View,
  key: string,
  { page, rows }: { readonly page: number; readonly rows: number },
): Keyed {
  if (key === '\x03') return 'quit';
  if (view.typed !== null) return typing(view, view.typed, key);
  if (QUIT.has(key)) return 'quit';
  const move = MOVES[key];
  if (move !== undefined) return { ...view, top: moved(view.top, move, page, rows) };
  switch (key) {
    case 's':
      return { ...view, sort: SORTS[(SORTS.indexOf(view.sort) + 1) % SORTS.length] ?? 'rate', top: 0 };
    case 'd':
      return { ...view, onlyDrift: !view.onlyDrift, top: 0 };
    case '/':
      return { ...view, typed: view.filter };
    case ESCAPE:
      return { ...view, filter: '', top: 0 };
    default:
      return view;
  }
}

function typing(view: View, typed: string, key: string): View {
  if (ENTER.has(key)) return { ...view, filter: typed, typed: null, top: 0 };
  if (key === ESCAPE) return { ...view, typed: null };
  if (BACKSPACE.has(key)) return { ...view, typed: [...typed].slice(0, -1).join('') };
  return key.length > 2 || key < ' ' ? view : { ...view, typed: typed + key };
}

function moved(top: number, move: number, page: number, rows: number): number {
  const by = Number.isInteger(move) || !Number.isFinite(move) ? move : Math.sign(move) * Math.max(1, page - 1);
  return Math.max(0, Math.min(top + by, rows - page));
}

type Order = (link: LiveLink) => number;

const ORDERS: Readonly<Record<Exclude<Sort, 'name'>, Order>> = {
  rate: ({ rates }) => (rates?.perSecond ? rates.perSecond.rxBytes + rates.perSecond.txBytes : -1),
  rx: ({ rates }) => rates?.perSecond?.rxBytes ?? -1,
  tx: ({ rates }) => rates?.perSecond?.txBytes ?? -1,
  packets: ({ rates }) => (rates?.perSecond ? rates.perSecond.rxPackets + rates.perSecond.txPackets : -1),
  drops: ({ rates }) => (rates ? rates.total.rxDropped + rates.total.txDropped : -1),
  errors: ({ rates }) => (rates ? rates.total.rxErrors + rates.total.txErrors : -1),
  // What is not up, or not there, comes first.
  state: ({ rates }) => (rates === null ? 2 : rates.operstate === 'UP' ? 0 : 1),
};

/** Names with numbers in them in the order of the numbers. Made when it is first used: it takes 7 ms, and the options load this file. */
let collator: Intl.Collator | null = null;

function compareNames(a: string, b: string): number {
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(a, b);
}

/** The rows of a view, in its order: what comes first in it, then by name. */
export function rowsOf(links: readonly LiveLink[], { sort, filter, typed, onlyDrift }: View): readonly LiveLink[] {
  const text = typed ?? filter;
  const isShown = ({ status }: LiveLink): boolean =>
    (text === '' || status.link.includes(text) || (status.bridge ?? '').includes(text)) &&
    (!onlyDrift || status.drift.length > 0 || status.observed === null);
  const byName = (a: LiveLink, b: LiveLink): number => compareNames(a.status.link, b.status.link);
  const shown = links.filter(isShown);
  if (sort === 'name') return shown.sort(byName);
  const order = ORDERS[sort];
  const keys = new Map(shown.map((link) => [link, order(link)]));
  return shown.sort((a, b) => (keys.get(b) ?? 0) - (keys.get(a) ?? 0) || byName(a, b));
}
