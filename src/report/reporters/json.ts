/** `--progress json`: one line of JSON per event, for programs that follow a run. */
import type { Event, LinkStep } from '../../events.ts';
import type { Happening } from '../../lab-events.ts';
import { isNotice } from '../../notices.ts';
import { diagnosticJson, failureJson } from '../errors.ts';
import type { Sink } from '../output.ts';
import { pendingJson } from '../pending.ts';
import { noticeText } from './notices.ts';
import type { Reporter } from './reporter.ts';

const EACH: ReadonlySet<LinkStep> = new Set<LinkStep>([
  ...(['wanted', 'begun', 'made', 'changed', 'failed'] as const),
  ...(['waits', 'drifted', 'mended', 'removed'] as const),
]);

/** Each line is `{"schemaVersion":1,"time":ISO 8601,"type":…,…}`. The other fields are those of the event. */
export function createJson(sink: Sink, clock: () => Date): Reporter {
  const emit = (event: Event): void => {
    const line = { schemaVersion: 1, time: clock().toISOString(), ...plainEvent(event) };
    sink.write(`${JSON.stringify(line)}\n`);
  };
  return { emit, hears: { once: EACH, following: EACH }, close: () => {} };
}

/** An event as JSON has it, without version and time. */
export function plainEvent(event: Event | Happening): object {
  if (isNotice(event)) return { ...event, message: noticeText(event) };
  switch (event.type) {
    case 'diagnostic':
      return { ...event, diagnostic: diagnosticJson(event.diagnostic) };
    case 'waiting':
      return { ...event, pending: event.pending.map(pendingJson) };
    case 'failed':
      return { ...event, ...(event.failure && { failure: failureJson(event.failure) }) };
    case 'failure':
      return { ...event, failure: failureJson(event.failure) };
    case 'summary': {
      const { summary } = event;
      const failures = summary.failures.map(failureJson);
      return { ...event, summary: { ...summary, failures, pending: summary.pending.map(pendingJson) } };
    }
    default:
      return event;
  }
}
