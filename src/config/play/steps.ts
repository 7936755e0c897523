/** Written steps → the steps of a timeline: what each does, and when. Faults are reported. */
import type { Advice, Diagnostics } from '../diagnose.ts';
import type { Path } from '../text/parsed.ts';
import type { Source } from '../text/source.ts';
import { AMOUNTS, MAX_MOMENTS, type WrittenStep } from './schema.ts';
import { type Action, type Amounts, durationOf, type Given, type TimelineStep } from './timeline.ts';

/** One written step, and where it is. */
export interface StepPlace {
  readonly step: WrittenStep;
  readonly place: {
    readonly origin: { readonly source: Source; readonly path: Path };
    readonly label: string;
    readonly diagnostics: Diagnostics;
  };
  /** From 1. */
  readonly number: number;
  /** Whether something of it is wrong, which has been reported. */
  readonly isFaulty: boolean;
}

const AMOUNT_KEYS = Object.keys(AMOUNTS) as (keyof typeof AMOUNTS)[];
/** How many values a ramp has on its way unless `every` is given. */
const RAMP_STEPS = 20;

export function stepsOf(written: readonly StepPlace[]): readonly TimelineStep[] {
  const steps: TimelineStep[] = [];
  let endedMs = 0;
  for (const one of written) {
    // What is wrong with one value says nothing of the others.
    if (one.isFaulty) continue;
    const atMs = timeOf(one, endedMs, steps.length === 0);
    const action = actionOf(one);
    if (atMs === null || action === null) continue;
    const { name, links, both } = one.step;
    const step: TimelineStep = {
      ...{ number: one.number, name: name ?? null, atMs, action },
      links: typeof links === 'string' ? [links] : links,
      both: both ?? false,
    };
    steps.push(step);
    endedMs = atMs + durationOf(step);
  }
  return steps;
}

function timeOf(one: StepPlace, endedMs: number, isFirst: boolean): number | null {
  const { at, after } = one.step;
  if (at !== undefined && after !== undefined)
    return fault(one, 'after', 'at and after exclude each other', 'give one');
  if (at !== undefined) return at;
  if (after !== undefined) return endedMs + after;
  return isFirst ? 0 : fault(one, null, 'neither at nor after is given', 'say when: `at: 5s`, or `after: 3s`');
}

function actionOf(one: StepPlace): Action | null {
  const { step } = one;
  const { down, up, flaps, reset } = step;
  const set = [
    ...(down ? ['down'] : []),
    ...(up ? ['up'] : []),
    ...AMOUNT_KEYS.filter((key) => step[key] !== undefined),
  ];
  const kinds = [...(set.length > 0 ? [set[0] ?? ''] : []), ...(flaps ? ['flaps'] : []), ...(reset ? ['reset'] : [])];
  const [, second] = kinds;
  if (kinds.length === 0) {
    const hint = `say what: down, up, ${AMOUNT_KEYS.join(', ')}, flaps or reset`;
    return fault(one, null, 'nothing is to be done', hint);
  }
  if (second !== undefined)
    return fault(one, second, `${kinds.join(' and ')} exclude each other`, 'make two steps of it');
  if (down && up) return fault(one, 'up', 'down and up exclude each other', 'make two steps of it');
  const ramped = AMOUNT_KEYS.filter((key) => typeof step[key] === 'object');
  if (ramped.length === 0 && step.over !== undefined) {
    return fault(one, 'over', 'over is for a value with from and to', 'write delay: {from: 10ms, to: 200ms}');
  }
  if (ramped.length === 0 && step.every !== undefined) {
    return fault(one, 'every', 'every is for a value with from and to', 'write delay: {from: 10ms, to: 200ms}');
  }
  if (reset) return { kind: 'reset' };
  if (flaps) return flapsOf(one, flaps);
  const given = givenOf(step);
  return ramped.length === 0 ? { kind: 'set', given } : rampOf(one, given, ramped);
}

function givenOf(step: WrittenStep): Given {
  const plain = AMOUNT_KEYS.flatMap((key) => (typeof step[key] === 'number' ? [[key, step[key]]] : []));
  return { ...(step.down && { down: true }), ...(step.up && { up: true }), ...Object.fromEntries(plain) };
}

function rampOf(one: StepPlace, given: Given, ramped: readonly (keyof Amounts)[]): Action | null {
  const { over: overMs, every } = one.step;
  if (overMs === undefined) return fault(one, ramped[0] ?? null, 'over is missing', 'say how long: `over: 30s`');
  const everyMs = every ?? Math.max(1, overMs / RAMP_STEPS);
  if (everyMs > overMs) return fault(one, 'every', 'every is longer than over', 'the way has to have a step');
  if (overMs / everyMs > MAX_MOMENTS) {
    return fault(one, 'every', `more than ${MAX_MOMENTS} steps on the way`, 'give a longer time with every');
  }
  const side = (end: 'from' | 'to'): Amounts =>
    Object.fromEntries(ramped.map((key) => [key, (one.step[key] as Record<'from' | 'to', number>)[end]]));
  return { kind: 'ramp', given, from: side('from'), to: side('to'), overMs, everyMs };
}

function flapsOf(one: StepPlace, { count, down, over }: NonNullable<WrittenStep['flaps']>): Action | null {
  const downMs = typeof down === 'number' ? { from: down, to: down } : down;
  if (downMs.from > downMs.to)
    return fault(one, 'flaps', 'down goes from more to less', 'write the shorter time first');
  if (downMs.to > over) return fault(one, 'flaps', 'down is longer than over', 'give all of them more time with over');
  return { kind: 'flaps', count, overMs: over, downMs };
}

/** Reports a fault of a step; `key` is the one that is at fault, null: the step. */
function fault({ place }: StepPlace, key: string | null, message: string, hint: string): null {
  const { origin, label, diagnostics } = place;
  const where: Advice['where'] = () =>
    key === null ? origin.source.locate(origin.path) : origin.source.locate([...origin.path, key], 'key');
  diagnostics.add('timeline-step', `${label}: ${message}`, { where, hint });
  return null;
}
