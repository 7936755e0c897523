import type { NatSet } from '../../src/wire/ops/extras.ts';
import type { TranslationDump } from '../../src/wire/seen.ts';
import type { Namespace } from '../namespaces.ts';
import type { Placed } from '../ops/context.ts';

/** What one op asks for. */
export type Change = Placed<NatSet>;

/** Why a change was not made. The others of the same call were made all the same. */
export interface Refusal {
  readonly change: Change;
  readonly call: string;
  readonly errno: number;
  readonly message: string;
}

/** One way to translate addresses. */
export interface Translator {
  readonly name: 'nftables' | 'iptables';
  /** The lab's rules in a namespace, by comment. Throws SystemFault. */
  read(space: Namespace, lab: string): readonly TranslationDump[];
  /** Makes changes together, as if at one moment. Throws SystemFault where none can be made. */
  change(space: Namespace, lab: string, changes: readonly Change[]): readonly Refusal[];
}

/** Rules of ours by what they are for. */
export function countByComment(rules: readonly { readonly comment: string }[]): readonly TranslationDump[] {
  const counts = new Map<string, number>();
  for (const { comment } of rules) counts.set(comment, (counts.get(comment) ?? 0) + 1);
  return [...counts].map(([comment, count]) => ({ comment, rules: count }));
}

/** Comments of the rules that go with these changes: what is added takes the place of what it is already. */
export function outdated(changes: readonly Change[]): ReadonlySet<string> {
  return new Set(changes.flatMap(({ op }) => [...op.del, ...op.add.map(({ comment }) => comment)]));
}

/** Makes all changes that can be made: each refusal takes out those that it names, and the rest is tried again. */
export function withoutRefused(
  changes: readonly Change[],
  make: (changes: readonly Change[]) => readonly Refusal[],
): readonly Refusal[] {
  const refusals: Refusal[] = [];
  let left = changes;
  while (left.length > 0) {
    const refused = make(left);
    if (refused.length === 0) break;
    refusals.push(...refused);
    const failed = new Set(refused.map(({ change }) => change));
    left = left.filter((change) => !failed.has(change));
  }
  return refusals;
}
