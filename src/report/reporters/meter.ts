/**
 * `reporters/` has one reporter per `--progress` mode. Each takes every event, keeps only the state that it draws, and never throws.
 *
 * This file: the speed of counted work, and an estimate of the time left.
 */
import type { Event } from '../../events.ts';
import { durationText } from '../lines.ts';

export type Progress = Extract<Event, { type: 'progress' }>;

/** Before that, a rate and the time left would be guesses. */
const SURE_AFTER_MS = 300;

/** Measures one sequence of `progress` events. */
export interface Meter {
  /** `1200/10000 links, 12 %, 25000/s, 0.4 s left, 2 failed`. */
  readonly text: (progress: Progress, nowMs: number) => string;
}

/**
 * Creates a meter. The rate is the average since the work began, which is steady and good enough for work of one kind. Work
 * that begins anew is measured from there.
 */
export function createMeter(beganMs: number): Meter {
  let startMs = beganMs;
  let last = { done: 0, total: 0 };
  const text = (progress: Progress, nowMs: number): string => {
    const { done, total, failed, what } = progress;
    if (last.total !== 0 && (done < last.done || total !== last.total)) startMs = nowMs;
    last = { done, total };
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    const parts = [`${done}/${total} ${what}`, `${percent} %`];
    const elapsedMs = nowMs - startMs;
    if (done > 0 && elapsedMs >= SURE_AFTER_MS && done < total) {
      parts.push(`${Math.round((done / elapsedMs) * 1000)}/s`);
      parts.push(`${leftText(((total - done) / done) * elapsedMs)} left`);
    }
    if (failed > 0) parts.push(`${failed} failed`);
    return parts.join(', ');
  };
  return { text };
}

/** The time left, in tenths of a second. Milliseconds would only jitter. */
function leftText(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : durationText(ms);
}
