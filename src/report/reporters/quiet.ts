/** `--progress quiet`: only failures and errors. */
import type { Event, LinkStep } from '../../events.ts';
import { eventText } from '../lines.ts';
import type { Sink } from '../output.ts';
import type { Reporter } from './reporter.ts';

const NOTHING: ReadonlySet<LinkStep> = new Set();

export function createQuiet(sink: Sink): Reporter {
  const emit = (event: Event): void => {
    const isError = event.type === 'failure' || (event.type === 'diagnostic' && event.diagnostic.severity === 'error');
    if (isError) sink.write(eventText(event, sink.paint));
  };
  return { emit, hears: { once: NOTHING, following: NOTHING }, close: () => {} };
}
