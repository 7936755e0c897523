/** Lines about links that are made or removed, in conlink's words, and about links that drift. */
import type { LinkEvent, LinkFacts, LinkStep } from '../events.ts';
import { type Subject, subjectText } from '../subject.ts';
import { printable } from './escape.ts';

/** The steps that have lines here. A failure of a link is printed like any other failure. */
const STEPS_IN_WORDS: ReadonlySet<LinkStep> = new Set(['begun', 'removed', 'mended']);

/** The steps that reporters for people hear. A daemon prints each link; a single run, which makes many links at once, only counts them. */
export const HEARD_IN_WORDS = { once: new Set<LinkStep>(), following: STEPS_IN_WORDS } as const;

/** The line of a step, with its line break; '' for a step that has no line. */
export function linkText({ type, subject, cause, revision, change, facts }: LinkEvent): string {
  const line = (words: string): string => `${printable(words)}\n`;
  if (type === 'mended') return line(`drift: ${subjectText(subject)} ${cause ?? ''}, put back`);
  if (type === 'begun' && facts) return line(`Creating ${descriptionOf(subject, facts)}`);
  // When a whole lab is removed, the summary reports it instead.
  if (type === 'begun' && change === 'remove' && revision !== null)
    return line(`Deleting link ${subjectText(subject)}`);
  return type === 'removed' && facts ? line(`Deleting ${descriptionOf(subject, facts)}`) : '';
}

/** `veth link web_1:eth0 (IP 10.0.0.1/24) <-> web_1-eth0 (bridge lan)`. Parts that the link does not have are left out. */
function descriptionOf(subject: Subject, { type, addresses, outerDev, bridge, remote }: LinkFacts): string {
  if (subject.kind === 'tunnel') return `${type} link ${subject.dev} (bridge ${bridge}, remote ${remote})`;
  const parts = [`${type} link ${subjectText(subject)}`];
  if (addresses.length > 0) parts.push(`(IP ${addresses.join(', ')})`);
  if (outerDev !== null) parts.push(`<-> ${outerDev}`);
  if (bridge !== null) parts.push(`(bridge ${bridge})`);
  return parts.join(' ');
}
