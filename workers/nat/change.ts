import type { NatSet } from '../../src/wire/ops/extras.ts';
import type { TranslationDump } from '../../src/wire/seen.ts';
import type { Namespace } from '../namespaces.ts';
import type { Placed } from '../ops/context.ts';

/** One op, with its place in the job. */
export type Change = Placed<NatSet>;

/** Why a change was not made. The other changes of the same call were made. */
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
  /** Makes the changes in one transaction. Returns those that were refused. Throws SystemFault if no change can be made at all. */
  change(space: Namespace, lab: string, changes: readonly Change[]): readonly Refusal[];
}

/** Counts linkloom's rules by their comment. */
export function countByComment(rules: readonly { readonly comment: string }[]): readonly TranslationDump[] {
  const counts = new Map<string, number>();
  for (const { comment } of rules) counts.set(comment, (counts.get(comment) ?? 0) + 1);
  return [...counts].map(([comment, count]) => ({ comment, rules: count }));
}

/** Comments of the rules that these changes delete. A translation that is added also replaces its earlier rules. */
export function outdated(changes: readonly Change[]): ReadonlySet<string> {
  return new Set(changes.flatMap(({ op }) => [...op.del, ...op.add.map(({ comment }) => comment)]));
}

/** Makes all changes that can be made. The changes that a refusal names are left out, and the others are tried again. */
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
