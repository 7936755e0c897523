/** conlink's lines about links that are made and that go, and those about drift. */
import type { LinkEvent, LinkFacts, LinkStep } from '../events.ts';
import { type Subject, subjectText } from '../subject.ts';
import { printable } from './escape.ts';

/** The steps that have lines. Failures have theirs as failures, whatever they are about. */
const STEPS_IN_WORDS: ReadonlySet<LinkStep> = new Set(['begun', 'removed', 'mended']);

/** Of a lab that is followed each link is told; where many are made at once they are counted. */
export const HEARD_IN_WORDS = { once: new Set<LinkStep>(), following: STEPS_IN_WORDS } as const;

/** A line with its line break; '' where people are told nothing. */
export function linkText({ type, subject, cause, revision, change, facts }: LinkEvent): string {
  const line = (words: string): string => `${printable(words)}\n`;
  if (type === 'mended') return line(`drift: ${subjectText(subject)} ${cause ?? ''}, put back`);
  if (type === 'begun' && facts) return line(`Creating ${descriptionOf(subject, facts)}`);
  // Of a lab that is taken away as a whole the summary tells.
  if (type === 'begun' && change === 'remove' && revision !== null)
    return line(`Deleting link ${subjectText(subject)}`);
  return type === 'removed' && facts ? line(`Deleting ${descriptionOf(subject, facts)}`) : '';
}

/** `veth link web_1:eth0 (IP 10.0.0.1/24) <-> web_1-eth0 (bridge lan)`; all but the name as far as there is any. */
function descriptionOf(subject: Subject, { type, addresses, outerDev, bridge, remote }: LinkFacts): string {
  if (subject.kind === 'tunnel') return `${type} link ${subject.dev} (bridge ${bridge}, remote ${remote})`;
  const parts = [`${type} link ${subjectText(subject)}`];
  if (addresses.length > 0) parts.push(`(IP ${addresses.join(', ')})`);
  if (outerDev !== null) parts.push(`<-> ${outerDev}`);
  if (bridge !== null) parts.push(`(bridge ${bridge})`);
  return parts.join(' ');
}
