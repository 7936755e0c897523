/** The inverse of reading: a timeline as a file writes it, without `until`. Read again it is the same. */
import { RATE, SHARE, TIME } from '../../net/amounts.ts';
import { type Amounts, durationOf, type Given, type Timeline, type TimelineStep } from './timeline.ts';

/** How amounts are written; others are plain numbers. */
const PRINTED: Partial<Record<keyof Amounts, (value: number) => string>> = {
  ...{ delay: TIME.print, jitter: TIME.print, rate: RATE.print },
  ...{ loss: SHARE.print, duplicate: SHARE.print, corrupt: SHARE.print, reorder: SHARE.print },
};

export function writtenTimeline({ name, seed, rounds, lengthMs, steps }: Timeline): object {
  const endsMs = Math.max(0, ...steps.map((step) => step.atMs + durationOf(step)));
  return {
    ...(name !== null && { name }),
    ...(lengthMs !== endsMs && { length: ms(lengthMs) }),
    ...{ seed, repeat: rounds, steps: steps.map(writtenStep) },
  };
}

function writtenStep({ name, atMs, links, both, action }: TimelineStep): object {
  return { ...(name !== null && { name }), at: ms(atMs), links, both, ...writtenAction(action) };
}

function writtenAction(action: TimelineStep['action']): object {
  switch (action.kind) {
    case 'set':
      return writtenGiven(action.given);
    case 'ramp': {
      const { given, from, to, overMs, everyMs } = action;
      const [first, last] = [writtenGiven(from), writtenGiven(to)];
      const ramps = Object.keys(first).map((key) => [key, { from: first[key], to: last[key] }]);
      // What is not whole is what it is by itself.
      const every = Number.isInteger(everyMs) ? { every: ms(everyMs) } : {};
      return { ...writtenGiven(given), ...Object.fromEntries(ramps), over: ms(overMs), ...every };
    }
    case 'flaps': {
      const { count, overMs, downMs } = action;
      return { flaps: { count, over: ms(overMs), down: { from: ms(downMs.from), to: ms(downMs.to) } } };
    }
    case 'reset':
      return { reset: true };
    default:
      return action satisfies never;
  }
}

/** What a moment sets, as a timeline writes it. */
export function writtenChange(change: Given | 'reset'): Record<string, unknown> {
  return change === 'reset' ? { reset: true } : writtenGiven(change);
}

function writtenGiven(given: Given): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const print = PRINTED[key as keyof Amounts];
      return [key, print === undefined || typeof value !== 'number' || value === 0 ? value : print(value)];
    }),
  );
}

function ms(time: number): string {
  return `${time}ms`;
}
