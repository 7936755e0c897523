/** `--progress tty`: a live line with a bar at the bottom and the last failures below it. All other lines scroll above. */
import type { Event, Failure, Stage } from '../../events.ts';
import { subjectText } from '../../subject.ts';
import { printable } from '../escape.ts';
import { durationText, eventText } from '../lines.ts';
import { HEARD_IN_WORDS } from '../links.ts';
import type { Sink } from '../output.ts';
import { cut } from '../table.ts';
import { createMeter, type Meter, type Progress } from './meter.ts';
import type { Reporter } from './reporter.ts';
import { STAGE_NOW } from './stages.ts';

/** Shortest time between two drawings of the live part. */
const FRAME_MS = 100;
const BAR_CELLS = 20;
const FAILURES_SHOWN = 3;

/** From here on the time that a stage without figures takes is shown. */
const SHOWN_AFTER_MS = 1000;

interface Live {
  stage: Stage;
  beganMs: number;
  about: string;
  meter: Meter;
  progress: Progress | null;
  failures: readonly Failure[];
}

/** Creates the reporter. Every failure also scrolls by as a line; the live part only keeps the last ones visible. */
export function createTty(sink: Sink, now: () => number): Reporter {
  let live: Live | null = null;
  let drawnLines = 0;
  let drawnMs = Number.NEGATIVE_INFINITY;

  /** The escape sequence that erases the live part. It is written together with the text that follows, so that nothing flickers. */
  const erasure = (): string => {
    if (drawnLines === 0) return '';
    const up = drawnLines > 1 ? `\x1b[${drawnLines - 1}A` : '';
    drawnLines = 0;
    return `\r${up}\x1b[J`;
  };
  const draw = (force: boolean): void => {
    if (!live || (!force && now() - drawnMs < FRAME_MS)) return;
    drawnMs = now();
    const lines = liveLines(live, sink, drawnMs);
    sink.write(`${erasure()}${lines.join('\n')}`);
    drawnLines = lines.length;
  };
  const scroll = (text: string): void => {
    if (text === '') return;
    const hadLive = drawnLines > 0;
    sink.write(`${erasure()}${text}`);
    if (hadLive) draw(true);
  };
  const timer = setInterval(() => draw(false), FRAME_MS);
  timer.unref();

  const emit = (event: Event): void => {
    switch (event.type) {
      case 'stage':
        live = stageOf(event, live, now());
        if (live) draw(false);
        else sink.write(erasure());
        return;
      case 'progress':
        if (live) live.progress = event;
        draw(false);
        return;
      case 'failure':
        if (live) live.failures = [...live.failures, event.failure].slice(-FAILURES_SHOWN);
        scroll(eventText(event, sink.paint));
        return;
      case 'summary':
        live = null;
        scroll(eventText(event, sink.paint));
        return;
      default:
        scroll(eventText(event, sink.paint));
    }
  };
  const close = (): void => {
    clearInterval(timer);
    sink.write(erasure());
    live = null;
  };
  return { emit, hears: HEARD_IN_WORDS, close };
}

function stageOf(event: Extract<Event, { type: 'stage' }>, before: Live | null, nowMs: number): Live | null {
  if (event.state === 'end') return before?.stage === event.stage ? null : before;
  const { stage, about = '' } = event;
  return { stage, beganMs: nowMs, about, meter: createMeter(nowMs), progress: null, failures: before?.failures ?? [] };
}

/**
 * The lines of the live part. They are no wider than the terminal, since a wrapped line could not be erased, and there are
 * fewer than its height.
 */
function liveLines(live: Live, sink: Sink, nowMs: number): string[] {
  const width = Math.max(1, sink.columns() - 1);
  const word = STAGE_NOW[live.stage];
  const { progress } = live;
  const elapsedMs = nowMs - live.beganMs;
  const since = elapsedMs < SHOWN_AFTER_MS ? '' : ` ${durationText(elapsedMs)}`;
  const about = live.about === '' ? '' : ` (${live.about})`;
  const figures = progress === null ? null : `${word} ${bar(progress)} ${live.meter.text(progress, nowMs)}`;
  const text = cut(figures ?? `${word}${about}…${since}`, width);
  const room = Math.max(0, Math.min(FAILURES_SHOWN, sink.rows() - 2));
  const failures = room === 0 ? [] : live.failures.slice(-room);
  return [text, ...failures.map((failure) => sink.paint('red', cut(`  ${oneLine(failure)}`, width)))];
}

function oneLine(failure: Failure): string {
  return printable(`${subjectText(failure.subject)}: ${failure.message}`);
}

function bar(progress: Progress): string {
  const share = progress.total === 0 ? 1 : Math.min(1, progress.done / progress.total);
  const full = Math.floor(share * BAR_CELLS);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)}`;
}
