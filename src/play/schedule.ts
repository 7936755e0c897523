/**
 * `play/` is pure: a timeline becomes moments, each with its time, its links and what is set then.
 *
 * This file: the moments of each round, in the order in which they are due.
 */
import type { Amounts, Given, Timeline, TimelineStep } from '../config/play/timeline.ts';
import { randomBelow } from '../net/dice.ts';

/** Something that is done to links at one time. */
export interface Moment {
  /** The number of its step in the file, from 1. */
  readonly step: number;
  readonly name: string | null;
  /** From 1. */
  readonly round: number;
  /** From the beginning of the play. */
  readonly atMs: number;
  /** null: all links of the step. A flap is of one link. */
  readonly link: string | null;
  readonly change: Given | 'reset';
  /** A value on the way from one to another, neither the first nor the last. */
  readonly isOnTheWay: boolean;
}

/** The links of a step (`NODE:DEV`), in an order that does not depend on how the lab was observed. */
export type LinksOf = (step: TimelineStep) => readonly string[];

/** The least time in which a link is up between two flaps. */
const GAP_MS = 1;

/**
 * All moments, round after round; endless where the timeline is. What is random comes from its seed alone: each round draws on where
 * the one before has stopped.
 */
export function* momentsOf(timeline: Timeline, linksOf: LinksOf, rounds = timeline.rounds): Generator<Moment> {
  const below = randomBelow(timeline.seed);
  for (let round = 1; rounds === 'forever' || round <= rounds; round++) {
    const startMs = (round - 1) * timeline.lengthMs;
    const moments = timeline.steps.flatMap((step) => momentsOfStep(step, linksOf(step), below));
    // Moments of one time keep the order of the file.
    for (const moment of moments.sort((a, b) => a.atMs - b.atMs))
      yield { ...moment, round, atMs: startMs + moment.atMs };
  }
}

/** How many flaps a step has room for, on so many links. */
export function roomForFlaps({ action }: TimelineStep, links: number): number {
  if (action.kind !== 'flaps') return 0;
  return links * Math.floor((action.overMs + GAP_MS) / (action.downMs.to + GAP_MS));
}

type Below = (bound: number) => number;
type InRound = Omit<Moment, 'round'>;

function momentsOfStep(step: TimelineStep, links: readonly string[], below: Below): readonly InRound[] {
  const { number, name, atMs, action } = step;
  const moment = { step: number, name, atMs, link: null, isOnTheWay: false };
  switch (action.kind) {
    case 'set':
      return [{ ...moment, change: action.given }];
    case 'reset':
      return [{ ...moment, change: 'reset' }];
    case 'ramp':
      return rampOf(action).map(({ afterMs, given, isOnTheWay }) => ({
        ...{ ...moment, isOnTheWay, change: given },
        atMs: atMs + afterMs,
      }));
    case 'flaps':
      return flapsOf(step, links, below).flatMap(({ link, fromMs, toMs }) => [
        { ...moment, link, atMs: fromMs, change: { down: true } as const },
        { ...moment, link, atMs: toMs, change: { up: true } as const },
      ]);
    default:
      return action satisfies never;
  }
}

type Ramp = Extract<TimelineStep['action'], { kind: 'ramp' }>;

interface OnRamp {
  readonly afterMs: number;
  readonly given: Given;
  readonly isOnTheWay: boolean;
}

/** The first value at once, the last one at the end, and those between in proportion to their time. */
function rampOf({ given, from, to, overMs, everyMs }: Ramp): readonly OnRamp[] {
  const count = Math.ceil(overMs / everyMs - 1e-9);
  return Array.from({ length: count + 1 }, (_, at): OnRamp => {
    const afterMs = Math.min(overMs, at * everyMs);
    const amounts = between(from, to, afterMs / overMs);
    return { afterMs, given: at === 0 ? { ...given, ...amounts } : amounts, isOnTheWay: at > 0 && at < count };
  });
}

function between(from: Amounts, to: Amounts, part: number): Amounts {
  const keys = Object.keys(from) as (keyof Amounts)[];
  return Object.fromEntries(
    keys.map((key) => {
      const [first, last] = [from[key] ?? 0, to[key] ?? 0];
      return [key, rounded(key, first + (last - first) * part)];
    }),
  );
}

const SHARES: ReadonlySet<keyof Amounts> = new Set(['loss', 'duplicate', 'corrupt', 'reorder']);

/** Shares in millionths, all else in whole units: the kernel has no finer ones, or nobody would see them. */
function rounded(key: keyof Amounts, value: number): number {
  return SHARES.has(key) ? Math.round(value * 1e6) / 1e6 : Math.round(value);
}

interface Flap {
  readonly link: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Each link gets its flaps one behind the other, with what is left of the time spread between them at random. */
function flapsOf(step: TimelineStep, links: readonly string[], below: Below): readonly Flap[] {
  const { action, atMs } = step;
  if (action.kind !== 'flaps' || links.length === 0) return [];
  const { count, overMs, downMs } = action;
  const most = roomForFlaps(step, 1);
  const open = links.map((link) => ({ link, durations: [] as number[] }));
  const full: typeof open = [];
  for (let flap = 0; flap < count && open.length > 0; flap++) {
    const at = below(open.length);
    const chosen = open[at];
    chosen?.durations.push(downMs.from + below(downMs.to - downMs.from + 1));
    if (chosen !== undefined && chosen.durations.length >= most) full.push(...open.splice(at, 1));
  }
  return [...open, ...full].flatMap(({ link, durations }) => {
    const taken = durations.reduce((sum, ms) => sum + ms + GAP_MS, 0) - GAP_MS;
    const free = Math.max(0, Math.floor(overMs - taken));
    const pauses = durations.map(() => below(free + 1)).sort((a, b) => a - b);
    let behindMs = 0;
    return durations.map((ms, at): Flap => {
      const fromMs = atMs + behindMs + (pauses[at] ?? 0);
      behindMs += ms + GAP_MS;
      return { link, fromMs, toMs: fromMs + ms };
    });
  });
}

/** The moment at which a play of so many rounds is over. */
export function endOf({ rounds, lengthMs }: Timeline): number | null {
  return rounds === 'forever' ? null : rounds * lengthMs;
}
