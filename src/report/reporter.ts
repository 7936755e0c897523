/** Chooses the reporter, and holds what all reporters share. */
import type { Event } from '../events.ts';
import { ciSystemOf } from './ci/system.ts';
import { isSet, type ProgressMode } from './modes.ts';
import type { Sink } from './output.ts';
import { createJson } from './reporters/json.ts';
import { isDetail } from './reporters/notices.ts';
import { createPlain } from './reporters/plain.ts';
import { createQuiet } from './reporters/quiet.ts';
import type { Reporter } from './reporters/reporter.ts';
import { StageTimes } from './reporters/stages.ts';
import { createTty } from './reporters/tty.ts';

export interface ReporterOptions {
  readonly mode: ProgressMode;
  /** Show `detail` events too. */
  readonly verbose: boolean;
  /** Whether the environment may say that it is a CI system. Default false. */
  readonly isForCi?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** The mode to use. `auto` means `tty` on a terminal that can draw a live line, and `plain` elsewhere and in CI. */
export function resolveMode(options: ReporterOptions, sink: Sink): Exclude<ProgressMode, 'auto'> {
  if (options.mode !== 'auto') return options.mode;
  const { env } = options;
  const live = sink.isTTY && env['TERM'] !== 'dumb' && !isSet(env['CI']);
  return live ? 'tty' : 'plain';
}

/** Creates the reporter for standard error. */
export function createReporter(options: ReporterOptions, sink: Sink): Reporter {
  const isInWords = resolveMode(options, sink) !== 'json';
  const created = create(options, sink);
  const reporter = isInWords && !isSteady(options) ? withSlowest(created) : created;
  if (options.verbose) return reporter;
  const quietly = (event: Event): void => {
    const isHidden = event.type === 'detail' || isDetail(event) || (isInWords && event.type === 'container');
    if (!isHidden) reporter.emit(event);
  };
  return { ...reporter, emit: quietly };
}

/** In CI the lines of two runs differ in times alone. */
function isSteady({ mode, env, isForCi }: ReporterOptions): boolean {
  return isForCi === true && mode === 'auto' && (isSet(env['CI']) || ciSystemOf(env) !== null);
}

/** Tells people with each summary which stage took longest so far. */
function withSlowest(reporter: Reporter): Reporter {
  const times = new StageTimes();
  const emit = (event: Event): void => {
    if (event.type === 'stage') times.note(event);
    const slowest = event.type === 'summary' ? times.slowest : null;
    reporter.emit(event.type === 'summary' && slowest !== null ? { ...event, slowest } : event);
  };
  return { ...reporter, emit };
}

function create(options: ReporterOptions, sink: Sink): Reporter {
  const mode = resolveMode(options, sink);
  switch (mode) {
    case 'tty':
      return createTty(sink, options.now);
    case 'plain':
      return createPlain(sink, options.now, isSteady(options));
    case 'json':
      return createJson(sink, () => new Date());
    case 'quiet':
      return createQuiet(sink);
    default:
      return mode satisfies never;
  }
}
