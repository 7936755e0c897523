/** `crossing/`: the form in which an answer goes to the thread that asked. */
import {
  ADDRESS_NUMBERS,
  COUNTERS,
  DEVICE_NUMBERS,
  NUMBERS,
  type PackedDump,
  type PackedResult,
  REST_FIELDS,
  type Rest,
  TEXTS,
  WORDS,
} from '../../../src/wire/packed.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import type { DumpResult } from '../../../src/wire/task.ts';

/** The result of a dump in the form in which it crosses a thread. */
export function packed({ dumps }: DumpResult): PackedResult {
  const links = dumps.flatMap((dump) => dump.links);
  const addresses = dumps.flatMap((dump) => dump.addresses);
  const words = new Words();
  const numbers = new Float64Array(links.length * DEVICE_NUMBERS);
  const texts: string[] = [];
  const rests = new Map<number, Rest>();
  let next = 0;
  for (const [at, link] of links.entries()) {
    for (const field of NUMBERS) numbers[next++] = link[field];
    numbers[next++] = link.up ? 1 : 0;
    numbers[next++] = link.numbers.txqueuelen ?? -1;
    for (const field of WORDS) numbers[next++] = words.placeOf(link[field]);
    for (const field of TEXTS) texts.push(link[field]);
    const rest = restOf(link);
    if (rest !== null) rests.set(at, rest);
  }
  const addressNumbers = new Float64Array(addresses.length * ADDRESS_NUMBERS);
  next = 0;
  for (const { ifindex, protocol, scope } of addresses) {
    for (const number of [ifindex, protocol, words.placeOf(scope)]) addressNumbers[next++] = number;
  }
  return {
    dumps: dumps.map((dump): PackedDump => ({ ...dump, links: dump.links.length, addresses: dump.addresses.length })),
    ...{ words: words.all, numbers, texts, rests, counters: countersOf(links), addressNumbers },
    addressTexts: addresses.map(({ address }) => address),
  };
}

class Words {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();

  placeOf(word: string): number {
    const known = this.#places.get(word);
    if (known !== undefined) return known;
    this.#places.set(word, this.all.length);
    return this.all.push(word) - 1;
  }
}

/** null: the device has nothing of it. */
function restOf(link: LinkDump): Rest | null {
  const hasOthers = hasOthersThan(link.numbers, 'txqueuelen');
  let rest: Record<string, unknown> | null = hasOthers ? { numbers: link.numbers } : null;
  for (const field of REST_FIELDS) {
    const value = link[field];
    if (value !== null && value !== undefined) rest = { ...rest, [field]: value };
  }
  return rest;
}

function hasOthersThan(numbers: LinkDump['numbers'], known: string): boolean {
  for (const name in numbers) if (name !== known) return true;
  return false;
}

function countersOf(links: readonly LinkDump[]): Float64Array | null {
  if (!links.some(({ counters }) => counters !== null)) return null;
  const all = new Float64Array(links.length * COUNTERS.length).fill(Number.NaN);
  let next = 0;
  for (const { counters } of links) {
    for (const name of COUNTERS) all[next++] = counters?.[name] ?? Number.NaN;
  }
  return all;
}
