/**
 * `play/` reads timelines: files that say what is done to the links of a running lab, and when.
 *
 * This file: what a timeline says, checked and in plain numbers.
 */

/** Amounts as `set` takes them: microseconds, shares from 0 to 1, bits per second, packets, bytes. An impairment of 0 ends. */
export interface Amounts {
  readonly mtu?: number;
  readonly delay?: number;
  readonly jitter?: number;
  readonly loss?: number;
  readonly duplicate?: number;
  readonly corrupt?: number;
  readonly reorder?: number;
  readonly rate?: number;
  readonly limit?: number;
}

/** What a step sets. */
export interface Given extends Amounts {
  readonly down?: true;
  readonly up?: true;
}

export type Action =
  | { readonly kind: 'set'; readonly given: Given }
  /** Amounts that go from one value to another in even steps; `given` is set with the first. */
  | {
      readonly kind: 'ramp';
      readonly given: Given;
      readonly from: Amounts;
      readonly to: Amounts;
      readonly overMs: number;
      readonly everyMs: number;
    }
  /** Links go down and come back, at random. */
  | {
      readonly kind: 'flaps';
      readonly count: number;
      readonly overMs: number;
      readonly downMs: { readonly from: number; readonly to: number };
    }
  /** As configured. */
  | { readonly kind: 'reset' };

export interface TimelineStep {
  /** The step's number in the file, from 1. */
  readonly number: number;
  /** null: it has none. */
  readonly name: string | null;
  /** From the beginning of the round. */
  readonly atMs: number;
  /** LINKs, as `set` takes them. */
  readonly links: readonly string[];
  readonly both: boolean;
  readonly action: Action;
}

export interface Until {
  readonly command: readonly [string, ...string[]];
  /** null: it runs on the host. */
  readonly node: string | null;
  readonly everyMs: number;
}

export interface Timeline {
  readonly name: string | null;
  readonly seed: number;
  readonly rounds: number | 'forever';
  /** How long a round takes. */
  readonly lengthMs: number;
  readonly until: Until | null;
  /** In the order of the file. */
  readonly steps: readonly TimelineStep[];
}

/** How long a step takes. */
export function durationOf({ action }: Pick<TimelineStep, 'action'>): number {
  return action.kind === 'ramp' || action.kind === 'flaps' ? action.overMs : 0;
}
