/**
 * `check/` says what the checks of a lab mean: which nodes try what, and what comes of it. It is pure.
 *
 * This file: what checks have come to.
 */
import type { Span } from '../errors.ts';
import type { CheckSpec } from '../topology/check/spec.ts';

/** One try of a check that did not come to what is wanted. `to` is the target as people call it; empty for a program. */
export interface CheckFailure {
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

export interface CheckResult {
  readonly name: string;
  readonly kind: CheckSpec['try']['kind'];
  readonly isHeld: boolean;
  /** How many pairs of a node and a target it stands for (of a program: nodes). */
  readonly pairs: number;
  readonly tookMs: number;
  readonly failures: readonly CheckFailure[];
  readonly where: Span | null;
}

/** What one node reaches of all others. */
export interface NodeReach {
  readonly node: string;
  readonly pairs: number;
  readonly reached: number;
  readonly failures: readonly CheckFailure[];
}

/** Every node against every other. */
export interface PairsResult {
  /** Whether loopbacks alone were tried. */
  readonly isLoopbacks: boolean;
  readonly pairs: number;
  readonly reached: number;
  readonly tookMs: number;
  /** In the order of the lab. */
  readonly nodes: readonly NodeReach[];
}

export interface CheckReport {
  readonly lab: string;
  readonly checks: readonly CheckResult[];
  /** null: was not asked for. */
  readonly allPairs: PairsResult | null;
}

/** Whether anything is not as wanted. */
export function hasFailed({ checks, allPairs }: CheckReport): boolean {
  return checks.some(({ isHeld }) => !isHeld) || (allPairs !== null && allPairs.reached < allPairs.pairs);
}
