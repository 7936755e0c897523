/**
 * Carries out the address plan: gives subnets to wires and addresses to loopbacks that have no `ip`, out of pools, in the order of
 * the files.
 */

import { counted } from '../../counted.ts';
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { addressAt, overlap, type Range, rangeOf } from '../../net/offset.ts';
import { type Entry, spanOf } from '../config.ts';
import type { Diagnostics } from '../diagnose.ts';
import type { AddressingConfig } from './wire-schema.ts';

const PLANS = {
  wires: { usual: 31, each: 2, what: ['wire', 'wires'] },
  wires6: { usual: 127, each: 2, what: ['wire', 'wires'] },
  loopbacks: { usual: 32, each: 1, what: ['node', 'nodes'] },
  loopbacks6: { usual: 128, each: 1, what: ['node', 'nodes'] },
} as const;

type PlanKey = keyof typeof PLANS;

/** An address with its prefix length, and the name of its owner in messages. */
export interface Owned {
  readonly prefix: string;
  readonly label: string;
}

/** The labels of the wires and nodes that need addresses, in the order of the files. */
export interface Asking {
  readonly wires: readonly string[];
  readonly nodes: readonly string[];
}

export interface Given {
  /** For each wire of `Asking`, the addresses of its two ends. */
  readonly wires: readonly (readonly [a: readonly string[], b: readonly string[]])[];
  /** For each node of `Asking`, the addresses of its `lo`. */
  readonly nodes: readonly (readonly string[])[];
}

/**
 * Gives addresses to everything in `asking`. `written` are the addresses in the files, which must differ from the given ones.
 * Linear, but for one sort.
 */
export function giveAddresses(
  plan: Entry<AddressingConfig>,
  asking: Asking,
  written: readonly Owned[],
  diagnostics: Diagnostics,
): Given {
  const taken = new Taken(written);
  const given = (key: PlanKey): readonly (readonly string[])[] => {
    const labels = PLANS[key].each === 2 ? asking.wires : asking.nodes;
    return outOfPool(key, labels, plan, taken, diagnostics);
  };
  checkPools(plan, diagnostics);
  const [wires, wires6] = [given('wires'), given('wires6')];
  const [nodes, nodes6] = [given('loopbacks'), given('loopbacks6')];
  const of = (parts: readonly (readonly string[])[], at: number, nth: number): readonly string[] => {
    const address = parts[at]?.[nth];
    return address === undefined ? [] : [address];
  };
  return {
    wires: asking.wires.map((_, at) => [
      [...of(wires, at, 0), ...of(wires6, at, 0)],
      [...of(wires, at, 1), ...of(wires6, at, 1)],
    ]),
    nodes: asking.nodes.map((_, at) => [...of(nodes, at, 0), ...of(nodes6, at, 0)]),
  };
}

/** Divides one pool among the labels. Returns none if the plan has no such pool, or if the pool is wrong. */
function outOfPool(
  key: PlanKey,
  labels: readonly string[],
  entry: Entry<AddressingConfig>,
  taken: Taken,
  diagnostics: Diagnostics,
): readonly (readonly string[])[] {
  const plan = entry.value[key];
  if (plan?.pool === undefined) return [];
  const { usual, each, what } = PLANS[key];
  const { pool, prefix = usual } = plan;
  const fault = (code: DiagnosticCode, inner: string, message: string, hint: string): void =>
    diagnostics.add(code, `addressing.${key}: ${message}`, { where: () => spanOf(entry, key, inner), hint });
  const bits = pool.includes(':') ? 128 : 32;
  const poolLength = Number(pool.slice(pool.indexOf('/') + 1));
  if (prefix < poolLength) {
    fault(
      'pool-invalid',
      'prefix',
      `parts of /${prefix} are larger than the pool ${pool}`,
      `give a prefix from ${poolLength} on`,
    );
    return [];
  }
  // The first address of a pool of single addresses is not given: in IPv6 it means any router (RFC 4291, 2.6.1), and few people
  // expect a .0.
  const free = prefix === bits && poolLength < bits ? 1n : 0n;
  const parts = (1n << BigInt(prefix - poolLength)) - free;
  if (BigInt(labels.length) > parts) {
    const need = counted(labels.length, what[0], what[1]);
    const message = `the pool ${pool} has room for ${parts}, and ${need} without ip are to have an address of it`;
    fault('pool-exhausted', 'pool', message, 'choose a larger pool');
    return [];
  }
  const size = 1n << BigInt(bits - prefix);
  // All addresses of a pair, or of a single address, are used (RFC 3021, RFC 6164). In a larger part the first is the network's
  // own.
  const skip = size > 2n ? 1n : 0n;
  return labels.map((label, at) => {
    const start = (BigInt(at) + free) * size;
    const addresses = Array.from({ length: each }, (_, nth) => addressAt(pool, start + skip + BigInt(nth)));
    const own = addresses.map((address) => `${address}/${prefix}`);
    const other = own[0] === undefined ? undefined : taken.find(own[0]);
    if (other !== undefined) {
      const message = `${own[0]} of ${label} overlaps ${other.prefix}, which ${other.label} has`;
      fault('pool-address-taken', 'pool', message, 'choose another pool, or another ip there');
    }
    return own;
  });
}

function checkPools(entry: Entry<AddressingConfig>, diagnostics: Diagnostics): void {
  const pools = (Object.keys(PLANS) as PlanKey[]).flatMap((key) => {
    const pool = entry.value[key]?.pool;
    return pool === undefined ? [] : [{ key, pool }];
  });
  for (const [at, { key, pool }] of pools.entries()) {
    const other = pools.slice(0, at).find((before) => overlap(before.pool, pool));
    if (other === undefined) continue;
    const message = `addressing.${key}: the pool ${pool} overlaps that of ${other.key}, ${other.pool}`;
    diagnostics.add('pools-overlap', message, {
      where: () => spanOf(entry, key, 'pool'),
      hint: 'give each a pool of its own',
    });
  }
}

interface TakenRange extends Range, Owned {
  /** Of this range and all before it, the one that ends last. */
  readonly reaching: TakenRange | null;
}

/** The subnets that are taken, sorted, so that binary search finds an overlap. */
class Taken {
  readonly #of = new Map<4 | 6, readonly TakenRange[]>();

  constructor(owned: readonly Owned[]) {
    for (const family of [4, 6] as const) {
      const ranges = owned
        .map((one) => ({ ...one, ...rangeOf(one.prefix) }))
        .filter((one) => one.family === family)
        .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
      let reaching: TakenRange | null = null;
      const list: TakenRange[] = [];
      for (const range of ranges) {
        const one: TakenRange = { ...range, reaching };
        list.push(one);
        if (reaching === null || one.last > reaching.last) reaching = one;
      }
      this.#of.set(family, list);
    }
  }

  /** A taken subnet that overlaps a prefix. */
  find(prefix: string): Owned | undefined {
    const { family, first, last } = rangeOf(prefix);
    const ranges = this.#of.get(family) ?? [];
    let [low, high] = [0, ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.first ?? 0) <= last) low = middle + 1;
      else high = middle;
    }
    const nearest = ranges[low - 1];
    if (nearest === undefined) return undefined;
    return [nearest, nearest.reaching].find((one) => one !== null && one.last >= first) ?? undefined;
  }
}
