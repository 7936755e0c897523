/** `--progress plain`: lines only, for logs: one per stage, and one per 10 % or 2 seconds of long work. */
import type { Event, Stage } from '../../events.ts';
import { durationText, eventText } from '../lines.ts';
import type { Sink } from '../output.ts';
import type { Reporter } from '../reporter.ts';
import { createMeter, type Meter, type Progress } from './meter.ts';

const STAGE_DONE: Readonly<Record<Stage, string>> = {
  load: 'Configuration loaded',
  observe: 'Kernel observed',
  plan: 'Plan made',
  apply: 'Plan carried out',
};
const STEP = 0.1;
const LEAST_MS = 200;
const MOST_MS = 2000;

export function createPlain(sink: Sink, now: () => number): Reporter {
  const pace = createPace(now);
  const emit = (event: Event): void => {
    if (event.type === 'stage') {
      if (event.state === 'begin') pace.begin();
      else sink.write(`${STAGE_DONE[event.stage]} (${durationText(event.elapsedMs)})\n`);
    } else if (event.type === 'progress') {
      const line = pace.due(event);
      if (line) sink.write(`${line}\n`);
    } else {
      sink.write(eventText(event, sink.paint));
    }
  };
  return { emit, close: () => {} };
}

/** Says when the next line is due: after a tenth of the work (but not more often than 5 times a second), or after 2 seconds. */
function createPace(now: () => number): { begin: () => void; due: (progress: Progress) => string | null } {
  let meter: Meter = createMeter(now());
  let lastMs = now();
  let lastShare = 0;
  const begin = (): void => {
    lastMs = now();
    lastShare = 0;
    meter = createMeter(lastMs);
  };
  const due = (progress: Progress): string | null => {
    const share = progress.total === 0 ? 1 : progress.done / progress.total;
    const waitedMs = now() - lastMs;
    const isDue = waitedMs >= MOST_MS || (share - lastShare >= STEP && waitedMs >= LEAST_MS);
    if (!isDue) return null;
    lastMs = now();
    lastShare = share;
    return meter.text(progress, lastMs);
  };
  return { begin, due };
}
