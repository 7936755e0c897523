/**
 * Parses routes as `ip route add` takes them (ip-route(8)), and prints them. What linkloom can't give to the kernel is
 * refused by name, never dropped.
 */
import { addressBits, addressText, type Family, parseAddress, unassignable } from '../../net/address.ts';
import { parseDestination } from '../../net/destination.ts';
import { checkIfname } from '../../net/ifname.ts';
import type { Route } from '../values.ts';
import { type Fault, Faults, fail } from './fault.ts';
import { Words } from './words.ts';

const TYPES = ['unicast', 'blackhole', 'unreachable', 'prohibit', 'throw'] as const satisfies readonly Route['type'][];
const OTHER_TYPES = ['local', 'broadcast', 'multicast', 'anycast', 'nat', 'xresolve'];

/** Words of ip-route(8) that a Route can't express. */
const UNSUPPORTED = [
  ...['nexthop', 'nhid', 'encap', 'tos', 'dsfield', 'window', 'rtt', 'rttvar', 'rto_min', 'hoplimit', 'features'],
  ...['quickack', 'congctl', 'cwnd', 'ssthresh', 'realms', 'pref', 'expires', 'initcwnd', 'initrwnd', 'reordering'],
  ...['pervasive', 'as', 'ttl-propagate', 'fastopen_no_cookie'],
];

/** The tables of /etc/iproute2/rt_tables, as iproute2 ships it. */
const TABLES: Readonly<Record<string, number>> = { unspec: 0, default: 253, main: 254, local: 255 };
/** The scopes rt_scope_t (linux/rtnetlink.h), by the names of /etc/iproute2/rt_scopes. */
const SCOPES: Readonly<Record<string, NonNullable<Route['scope']>>> = {
  global: 'global',
  universe: 'global',
  '0': 'global',
  link: 'link',
  '253': 'link',
  host: 'host',
  '254': 'host',
};

const UINT32_MAX = 2 ** 32 - 1;

/** The kernel's largest MTU metric (ip_metrics_convert): 65,535 less 15 and less 40 bytes. */
const MTU_MAX = 65_520;
const ADVMSS_MAX = 65_495;
const TABLE_MAIN = 254;
const TABLE_LOCAL = 255;

/**
 * The part of a route that was read so far. `dst` null: no destination was read; at the end that means the default
 * route.
 */
interface Draft {
  family: Family | null;
  type: Route['type'] | null;
  dst: string | null;
  via: string | null;
  dev: string | null;
  src: string | null;
  metric: number | null;
  table: number | null;
  scope: Route['scope'];
  mtuBytes: number | null;
  advmssBytes: number | null;
  onlink: boolean;
}

/** Parses the arguments of `ip route add`. Without `dev` the route leads through the link's own device. */
export function parseRoute(text: string): Route | Fault {
  const faults = new Faults();
  const words = new Words(text);
  faults.attempt(() => {
    if (words.peek === undefined)
      fail('the route is empty', 'write "default via 10.0.0.1" or "10.1.0.0/16 via 10.0.0.1"');
  });
  const draft: Draft = {
    ...{ family: null, type: null, dst: null, via: null, dev: null, src: null, metric: null, table: null },
    ...{ scope: null, mtuBytes: null, advmssBytes: null, onlink: false },
  };
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const keyword = word;
    const isRead = faults.attempt(() => {
      const read = READERS.get(keyword) ?? readOther;
      read(draft, words, keyword);
      return true;
    });
    if (!isRead) words.skipUntil((next) => READERS.has(next));
  }
  return faults.or(() => finish(draft, text));
}

type Reader = (draft: Draft, words: Words, keyword: string) => void;

const readMetricValue: Reader = (draft, words, word) => set(draft, 'metric', word, readNumber(word, words.value(word)));

const refuseProtocol: Reader = (_draft, _words, word) =>
  fail(`"${word}" can't be chosen`, 'leave it out: linkloom knows its own routes by their protocol number');

/** The reader of each keyword. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['to', (draft, words, word) => readDestination(draft, words.value(word))],
  ['via', (draft, words) => readGateway(draft, words)],
  ['dev', (draft, words, word) => readDevice(draft, words.value(word))],
  ['src', (draft, words, word) => set(draft, 'src', word, readAddress(draft, word, words.value(word)))],
  ['metric', readMetricValue],
  ['priority', readMetricValue],
  ['preference', readMetricValue],
  ['table', (draft, words, word) => set(draft, 'table', word, readTable(words.value(word)))],
  ['scope', (draft, words, word) => set(draft, 'scope', word, readScope(words.value(word)))],
  ['mtu', (draft, words, word) => set(draft, 'mtuBytes', word, readMetric(word, words, MTU_MAX))],
  ['advmss', (draft, words, word) => set(draft, 'advmssBytes', word, readMetric(word, words, ADVMSS_MAX))],
  [
    'onlink',
    (draft) => {
      draft.onlink = true;
    },
  ],
  ['-4', (draft, _words, word) => setFamily(draft, 4, word)],
  ['-6', (draft, _words, word) => setFamily(draft, 6, word)],
  ['proto', refuseProtocol],
  ['protocol', refuseProtocol],
]);

function readOther(draft: Draft, _words: Words, word: string): void {
  const type = TYPES.find((known) => known === word);
  if (type !== undefined) {
    set(draft, 'type', word, type);
    return;
  }
  if (OTHER_TYPES.includes(word)) fail(`routes of type "${word}" are not supported`, `supported: ${TYPES.join(', ')}`);
  if (UNSUPPORTED.includes(word)) {
    fail(
      `"${word}" is not supported in a route`,
      'supported: `via`, `dev`, `src`, `metric`, `table`, `scope`, `mtu`, `advmss`, `onlink`',
    );
  }
  readDestination(draft, word);
}

/** Sets a field that may be given once. */
function set<K extends keyof Draft>(draft: Draft, field: K, word: string, value: Draft[K]): void {
  if (draft[field] !== null) fail(`"${word}" is given twice`);
  draft[field] = value;
}

function setFamily(draft: Draft, family: Family, word: string): void {
  if (draft.family !== null && draft.family !== family) {
    fail(`"${word}" is IPv${family}, but what stands before it is IPv${draft.family}`, 'a route is of one family');
  }
  draft.family = family;
}

function readDestination(draft: Draft, word: string): void {
  if (draft.dst !== null)
    fail(`"${word}" is not understood`, 'the destination is given already, and this is not a word of "ip route add"');
  if (word === 'default' || word === 'any' || word === 'all') {
    draft.dst = 'default';
    return;
  }
  if (!/^[0-9a-fA-F.:]+(\/|$)/.test(word)) {
    fail(`"${word}" is not understood`, 'a route begins with its destination: "default", 10.1.0.0/16 or fd00::/64');
  }
  const prefix = parseDestination(word);
  if (typeof prefix === 'string') fail(`"${word}" ${prefix}`);
  setFamily(draft, prefix.family, word);
  draft.dst = prefix.text;
}

function readAddress(draft: Draft, keyword: string, word: string): string {
  const address = parseAddress(word);
  if (typeof address === 'string') fail(`"${keyword} ${word}": "${word}" ${address}`);
  const why = unassignable(address.text);
  if (why !== null) fail(`"${keyword} ${word}": "${word}" ${why}`);
  setFamily(draft, address.family, word);
  return address.text;
}

function readGateway(draft: Draft, words: Words): void {
  let word = words.value('via');
  if (word === 'inet' || word === 'inet6') {
    const family = word === 'inet' ? 4 : 6;
    if (draft.family === 4 && family === 6) {
      fail('an IPv4 route through an IPv6 gateway is not supported', 'give the route a gateway of its own family');
    }
    setFamily(draft, family, word);
    word = words.value(`via ${word}`);
  }
  set(draft, 'via', 'via', readAddress(draft, 'via', word));
}

function readDevice(draft: Draft, word: string): void {
  const fault = word === 'lo' ? null : checkIfname(word);
  if (fault !== null) fail(`"dev ${word}": "${word}" ${fault}`);
  set(draft, 'dev', 'dev', word);
}

function readNumber(keyword: string, word: string): number {
  const value = /^(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})$/.test(word) ? Number(word) : Number.NaN;
  if (!(value <= UINT32_MAX)) fail(`"${keyword} ${word}": "${word}" is not a number from 0 to ${UINT32_MAX}`);
  return value;
}

function readTable(word: string): number {
  if (TABLES[word] === undefined && !/^[0-9]/.test(word))
    fail(`"table ${word}": there is no table of this name`, 'give its number, or main or default');
  const table = TABLES[word] ?? readNumber('table', word);
  if (table === TABLE_LOCAL)
    fail(`"table ${word}" is the kernel's own`, 'leave it out for the main table, or take another number');
  // To the kernel table 0 is the main table.
  return table === 0 ? TABLE_MAIN : table;
}

function readScope(word: string): NonNullable<Route['scope']> {
  return SCOPES[word] ?? fail(`"scope ${word}" is not supported`, 'scope is global, link or host');
}

/**
 * Reads a metric. The kernel cuts larger values to its maximum and takes 0 as none (ip_metrics_convert,
 * net/ipv4/metrics.c), so both are refused.
 */
function readMetric(keyword: string, words: Words, most: number): number {
  const word = words.value(keyword);
  if (word === 'lock') fail(`"${keyword} lock" is not supported`, `write "${keyword} N" without the lock`);
  const value = readNumber(keyword, word);
  if (value < 1 || value > most) {
    fail(
      `"${keyword} ${word}": the kernel takes 1 to ${most} in a route`,
      `leave "${keyword}" out for what the device allows`,
    );
  }
  return value;
}

function finish(draft: Draft, text: string): Route {
  const { via, dev, src, metric, table, scope, mtuBytes, advmssBytes, onlink } = draft;
  const family = draft.family ?? 4;
  const type = draft.type ?? 'unicast';
  if (type !== 'unicast' && (via !== null || onlink)) {
    fail(`a ${type} route leads nowhere, so it takes no gateway`, 'leave out "via" and "onlink"');
  }
  if (onlink && via === null)
    fail('"onlink" needs a gateway', 'it says that the one after "via" is reachable directly');
  if (family === 4 && type === 'unicast' && via !== null && (scope === 'link' || scope === 'host')) {
    fail(`"scope ${scope}" can't be had with a gateway`, 'leave out the scope, or the gateway');
  }
  const anywhere = `${addressText(new Uint8Array(addressBits(family) / 8))}/0`;
  const dst = draft.dst === null || draft.dst === 'default' ? anywhere : draft.dst;
  return { family, type, dst, via, dev, src, metric, table, scope, mtuBytes, advmssBytes, onlink, text };
}

/** Prints a route as arguments of `ip route add`, in a fixed order. Parsing them gives the same route. */
export function printRoute(route: Route): string {
  const words: string[] = route.type === 'unicast' ? [] : [route.type];
  const isDefault = route.dst === '0.0.0.0/0' || (route.dst === '::/0' && route.via !== null);
  words.push(isDefault ? 'default' : route.dst);
  const { via, dev, src, metric, table, scope, mtuBytes, advmssBytes } = route;
  for (const [keyword, value] of Object.entries({
    via,
    dev,
    src,
    metric,
    table,
    scope,
    mtu: mtuBytes,
    advmss: advmssBytes,
  })) {
    if (value !== null) words.push(keyword, String(value));
  }
  if (route.onlink) words.push('onlink');
  return words.join(' ');
}
