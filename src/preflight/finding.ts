import type { Diagnostic } from '../errors.ts';

/** One thing that was found, with the links that it is about. */
export interface Finding extends Diagnostic {
  /** `NODE:DEV`, in the configuration's order; empty: it is about no link in particular. */
  readonly links: readonly string[];
}

/** Links that a message names; the others are counted. */
const NAMED = 4;

/** `a:eth0, a:eth1 and 12 more`. */
export function namesOf(links: readonly string[]): string {
  if (links.length <= NAMED) return links.join(', ');
  return `${links.slice(0, NAMED).join(', ')} and ${links.length - NAMED} more`;
}
