/**
 * What a worker has dumped, as it is used. Each thing that crosses a thread is a copy: of 100,000 links each would have its own `veth`,
 * `UP` and `noqueue`. Here one is kept of what many dumps say alike.
 */
import { type LinkNumbers, NO_NUMBERS } from '../../net/link-numbers.ts';
import {
  ADDRESS_NUMBERS,
  COUNTERS,
  DEVICE_NUMBERS,
  type PackedDump,
  type PackedResult,
  TEXTS,
} from '../../wire/packed.ts';
import type { AddressDump, LinkDump, NsDump } from '../../wire/seen.ts';
import type { Answer, DumpResult } from '../../wire/task.ts';

/** The answer to a dump as other threads of this process would have given it. */
export function unpacked(answer: Answer<PackedResult>): Answer<DumpResult> {
  if (!answer.ok) return answer;
  const words = answer.words.map(word);
  let [link, address] = [0, 0];
  const dumps = answer.dumps.map((dump): NsDump => {
    const links: LinkDump[] = [];
    const addresses: AddressDump[] = [];
    for (let count = dump.links; count > 0; count--) links.push(linkAt(answer, words, link++));
    for (let count = dump.addresses; count > 0; count--) addresses.push(addressAt(answer, words, address++));
    return withColumns(dump, links, addresses);
  });
  return { ok: true, dumps };
}

/** Written out, as of 10,000 objects that are spread into others each would get a description of its own. */
function withColumns(dump: PackedDump, links: NsDump['links'], addresses: NsDump['addresses']): NsDump {
  const { ns, inode, madeBy, failure, routes, translations, others, farEnds, ...none } = dump;
  const { links: _links, addresses: _addresses, ...unknown } = none;
  unknown satisfies Record<string, never>;
  const plain = { ns, inode, madeBy, failure, links, addresses, routes, translations };
  if (others === undefined && farEnds === undefined) return plain;
  return { ...plain, ...(others && { others }), ...(farEnds && { farEnds }) };
}

function linkAt({ numbers, texts, rests, counters }: PackedResult, words: readonly string[], at: number): LinkDump {
  let next = at * DEVICE_NUMBERS;
  const number = (): number => small(numbers[next++]);
  const text = at * TEXTS.length;
  // In the order of NUMBERS, WORDS and TEXTS.
  const [ifindex, group, mtuBytes] = [number(), number(), number()];
  const [master, peerIndex, peerNsid, txQueues] = [number(), number(), number(), number()];
  const [up, txqueuelen] = [number(), number()];
  const named = (): string => words[number()] ?? '';
  const [ifname, kind, operstate, qdisc] = [named(), named(), named(), named()];
  const link: LinkDump = {
    ifindex,
    ifname,
    kind,
    group,
    alias: texts[text] ?? '',
    mac: texts[text + 1] ?? '',
    mtuBytes,
    up: up === 1,
    operstate,
    master,
    peerIndex,
    peerNsid,
    txQueues,
    qdisc,
    numbers: numbersOf(txqueuelen),
    mode: null,
    vlanId: null,
    tunnel: null,
    offloads: null,
    netem: null,
    tbf: null,
    redirect: null,
    counters: countersAt(counters, at),
  };
  const rest = rests.get(at);
  return rest === undefined ? link : { ...link, ...rest };
}

function countersAt(all: Float64Array | null, at: number): LinkDump['counters'] {
  const from = at * COUNTERS.length;
  if (all === null || Number.isNaN(all[from])) return null;
  // In the order of COUNTERS.
  const value = (place: number): number => small(all[from + place]);
  return {
    rxPackets: value(0),
    txPackets: value(1),
    rxBytes: value(2),
    txBytes: value(3),
    rxDropped: value(4),
    txDropped: value(5),
    rxErrors: value(6),
    txErrors: value(7),
  };
}

function addressAt({ addressNumbers, addressTexts }: PackedResult, words: readonly string[], at: number): AddressDump {
  const from = at * ADDRESS_NUMBERS;
  return {
    ifindex: small(addressNumbers[from]),
    address: addressTexts[at] ?? '',
    protocol: small(addressNumbers[from + 1]),
    scope: (words[addressNumbers[from + 2] ?? 0] ?? '') as AddressDump['scope'],
  };
}

/** The same number. V8 makes an object of what it reads from a Float64Array, 16 bytes each, unless it is a whole one of 32 bits. */
function small(value = 0): number {
  const whole = value | 0;
  return whole === value ? whole : value;
}

/** Most words that are kept. Names of devices are as many as a lab makes of them. */
const MOST_WORDS = 4096;
const words = new Map<string, string>();
const numbers = new Map<number, LinkNumbers>([[-1, NO_NUMBERS]]);

/** The same text, which was there first. */
function word(text: string): string {
  const first = words.get(text);
  if (first === undefined && words.size < MOST_WORDS) words.set(text, text);
  return first ?? text;
}

/** `txqueuelen` is the only number so far that the kernel tells of a device. */
function numbersOf(txqueuelen: number): LinkNumbers {
  const first = numbers.get(txqueuelen);
  if (first !== undefined) return first;
  const made: LinkNumbers = { txqueuelen };
  if (numbers.size < MOST_WORDS) numbers.set(txqueuelen, made);
  return made;
}
