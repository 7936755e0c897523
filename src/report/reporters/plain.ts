/**
 * `--progress plain`: lines for logs. Each stage has one, and long work has one for every 10 % or 2 seconds. `isSteady`: only lines that do
 * not depend on how long things take, so that two runs of one lab differ in times alone.
 */
import type { Event, Stage } from '../../events.ts';
import { durationText, eventText } from '../lines.ts';
import { HEARD_IN_WORDS } from '../links.ts';
import type { Sink } from '../output.ts';
import { createMeter, type Meter, type Progress } from './meter.ts';
import type { Reporter } from './reporter.ts';

const STAGE_DONE: Readonly<Record<Stage, string>> = {
  load: 'Configuration loaded',
  observe: 'Kernel observed',
  plan: 'Plan made',
  apply: 'Plan carried out',
  verify: 'Wires probed',
  check: 'Checks run',
  carriers: 'Links carry',
  end: 'Programs ended',
  find: 'Lab found',
  remove: 'Lab removed',
  dismantle: 'Taken apart by the kernel',
  containers: 'Containers removed',
};
/** Stages that have a line only if they took long. */
const QUIET_STAGES: ReadonlySet<Stage> = new Set<Stage>([
  ...(['carriers', 'end', 'find'] as const),
  ...(['remove', 'dismantle', 'containers'] as const),
]);
const LONG_MS = 1000;
const STEP = 0.1;
const LEAST_MS = 200;
const MOST_MS = 2000;

export function createPlain(sink: Sink, now: () => number, isSteady = false): Reporter {
  const pace = createPace(now);
  const emit = (event: Event): void => {
    if (event.type === 'stage') {
      if (event.state === 'begin') pace.begin();
      else if (event.elapsedMs >= LONG_MS || !QUIET_STAGES.has(event.stage)) {
        sink.write(`${STAGE_DONE[event.stage]} (${durationText(event.elapsedMs)})\n`);
      }
    } else if (event.type === 'progress') {
      const line = pace.due(event);
      if (line) sink.write(`${line}\n`);
    } else {
      sink.write(eventText(event, sink.paint));
    }
  };
  const steadily = (event: Event): void => {
    if (!dependsOnTime(event)) emit(event);
  };
  return { emit: isSteady ? steadily : emit, hears: HEARD_IN_WORDS, close: () => {} };
}

/**
 * Decides when the next line of progress is due: after a tenth of the work, but at most 5 times a second, or after 2 seconds. Work
 * that ends sooner has no line. The end has a line only if there was one before it. This keeps the log of a container short.
 */
function createPace(now: () => number): { begin: () => void; due: (progress: Progress) => string | null } {
  let meter: Meter = createMeter(now());
  let lastMs = now();
  let lastShare = 0;
  let seen = { done: 0, total: -1 };
  let hasTold = false;
  let isBegun = false;
  const begin = (): void => {
    lastMs = now();
    lastShare = 0;
    hasTold = false;
    isBegun = true;
    seen = { done: 0, total: -1 };
    meter = createMeter(lastMs);
  };
  const due = (progress: Progress): string | null => {
    const { done, total } = progress;
    // The passes of a daemon have no stages, so the beginning of new work is recognised by its numbers.
    const isAnew = seen.total === -1 ? !isBegun : done < seen.done || total !== seen.total;
    if (isAnew) begin();
    seen = { done, total };
    const share = total === 0 ? 1 : done / total;
    const waitedMs = now() - lastMs;
    const isEnd = done >= total;
    const isDue = waitedMs >= MOST_MS || (share - lastShare >= STEP && waitedMs >= LEAST_MS);
    if (!isDue || (isEnd && !hasTold)) return null;
    lastMs = now();
    lastShare = share;
    hasTold = true;
    return meter.text(progress, lastMs);
  };
  return { begin, due };
}

/** Whether there are lines of an event only where something takes long. */
function dependsOnTime(event: Event): boolean {
  if (event.type === 'stage') return QUIET_STAGES.has(event.stage);
  if (event.type === 'notice') return event.isTiming === true;
  return event.type === 'progress' || event.type === 'dismantling';
}
