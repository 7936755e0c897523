/** The nodes and links that a lab waits for, for people and as JSON. */
import type { Pending } from '../events.ts';
import { pendingLines } from '../plan/pending/text.ts';
import { subjectText } from '../subject.ts';
import { printable } from './escape.ts';
import type { Sink } from './output.ts';

/** One line for each: `pending: web: no container of service web runs; 2 links wait: web:eth0, web:eth1`. */
export function pendingText(pending: readonly Pending[], paint: Sink['paint']): string {
  const lines = pendingLines(pending);
  return lines
    .map(
      ({ subject, reason }) =>
        `${paint('yellow', 'pending:')} ${printable(subjectText(subject))}: ${printable(reason)}\n`,
    )
    .join('');
}

/** One item of `pending` in the documents of `up --json`, `plan --json` and `status --json`. */
export function pendingJson({ subject, links, why }: Pending): object {
  return { subject, node: subject.kind === 'node' ? subject.name : subject.node, links, why };
}
