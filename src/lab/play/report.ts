/** What is told of a play. All times are milliseconds from its beginning, with fractions. */
import type { Failure } from '../../events.ts';

/** One moment, carried out. */
export interface StepReport {
  /** The number of the step in the file, from 1. */
  readonly step: number;
  readonly name: string | null;
  /** From 1. */
  readonly round: number;
  /** As the timeline has it: in plain numbers, or as a daemon has written it, as text with units. */
  readonly change: 'reset' | object;
  /** `NODE:DEV` of the links that it changed. */
  readonly links: readonly string[];
  readonly wantedMs: number;
  /** When its first message was handed to the kernel; null: all links were like that already. */
  readonly firstMs: number | null;
  /** When its last message was acknowledged. */
  readonly lastMs: number | null;
  readonly failures: readonly Failure[];
}

/** `finished`: all rounds are over. `until`: its command has succeeded. `failed`: a step has. */
export type PlayEnd = 'finished' | 'until' | 'interrupted' | 'failed';

/** The whole play, when the links are as they were found. */
export interface PlayReport {
  readonly lab: string;
  readonly end: PlayEnd;
  readonly steps: number;
  readonly lastedMs: number;
  /** `NODE:DEV` of the links that the end has put back. */
  readonly restored: readonly string[];
  /** What the kernel refused, of the steps and of the end. */
  readonly failures: readonly Failure[];
}
