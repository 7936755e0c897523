/** `--progress json`: one JSON object per event and line, for programs that follow along. */
import type { Event } from '../../events.ts';
import { diagnosticJson } from '../errors.ts';
import type { Sink } from '../output.ts';
import type { Reporter } from './reporter.ts';

/** Each line is `{"schemaVersion":1,"time":ISO 8601,"type":…,…}`; the rest is the event as it is. */
export function createJson(sink: Sink, clock: () => Date): Reporter {
  const emit = (event: Event): void => {
    const line = { schemaVersion: 1, time: clock().toISOString(), ...plainEvent(event) };
    sink.write(`${JSON.stringify(line)}\n`);
  };
  return { emit, close: () => {} };
}

function plainEvent(event: Event): object {
  if (event.type !== 'diagnostic') return event;
  return { type: event.type, diagnostic: diagnosticJson(event.diagnostic) };
}
