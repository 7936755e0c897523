/** Sentences about what is pending. */

import { counted } from '../../counted.ts';
import type { Failure, Pending } from '../../events.ts';
import { subjectText } from '../../subject.ts';
import { verb } from '../../verb-names.ts';

/** The most names in one line. Further names are only counted. */
const NAMED_MAX = 8;
/** The most lines about what is pending. Further ones are only counted; the JSON documents have all of them. */
const LINES_MAX = 100;

/** `a, b, c and 4 more`. */
function named(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return more > 0 ? `${names.slice(0, NAMED_MAX).join(', ')} and ${more} more` : names.join(', ');
}

/** `waiting for web, db, a:eth0 (it waits for its other end c:eth0)`. */
export function waitingFor(pending: readonly Pending[]): string {
  return `waiting for ${named(pending.map(textOf))}`;
}

function textOf({ subject, why }: Pending): string {
  return subject.kind === 'node' ? subject.name : `${subjectText(subject)} (it ${why})`;
}

/** `no container of service web runs; 2 links wait: web:eth0, web:eth1`. */
function reasonOf({ subject, links, why }: Pending): string {
  if (subject.kind === 'link' || links.length === 0) return why;
  return `${why}; ${counted(links.length, 'link waits', 'links wait')}: ${named(links)}`;
}

/** A line for each entry, then `N more` for those beyond LINES_MAX. */
export function pendingLines(
  pending: readonly Pending[],
): readonly { readonly subject: Pending['subject']; readonly reason: string }[] {
  const more = pending.length - LINES_MAX;
  return pending.slice(0, LINES_MAX).map((one, at) => {
    const rest = more > 0 && at === LINES_MAX - 1 ? `; and ${more} more` : '';
    return { subject: one.subject, reason: `${reasonOf(one)}${rest}` };
  });
}

/** What is still pending at the end of `up`, as failures. The hint of the last one says what to do. */
export function pendingFailures(pending: readonly Pending[]): readonly Failure[] {
  const lines = pendingLines(pending);
  const hint = `start what is missing and run ${verb('up')} again, or let \`--wait SECONDS\` wait for it`;
  return lines.map(({ subject, reason }, at) => ({
    subject,
    code: 'E_NODE_MISSING',
    message: reason,
    ...(at === lines.length - 1 && { hint }),
  }));
}
