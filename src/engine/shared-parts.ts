/** Keeps one of what many dumps say alike. Each thing that crosses a thread is a copy: of 100,000 links each has its own `veth`, `UP` and `noqueue`. */
import type { LinkNumbers } from '../net/link-numbers.ts';
import type { LinkDump, NsDump } from '../wire/seen.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const words = new Map<string, string>();
const numbers = new Map<number | undefined, LinkNumbers>();

/** The same dump, which was just received and which nobody else has, with the parts that dumps have in common. */
export function withSharedParts(dump: NsDump): NsDump {
  for (const link of dump.links as readonly Mutable<LinkDump>[]) {
    link.kind = known(words, link.kind, link.kind);
    link.operstate = known(words, link.operstate, link.operstate);
    link.qdisc = known(words, link.qdisc, link.qdisc);
    // The only number so far that the kernel tells of a device; others would make these more than one.
    const { txqueuelen, ...others } = link.numbers;
    if (Object.keys(others).length === 0) link.numbers = known(numbers, txqueuelen, link.numbers);
  }
  return dump;
}

/** The value that was there first. */
function known<K, T>(among: Map<K, T>, key: K, value: T): T {
  const first = among.get(key);
  if (first !== undefined) return first;
  among.set(key, value);
  return value;
}
