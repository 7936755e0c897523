/**
 * `traffic/` plans what becomes of packets on devices that the rest of the plan gives: impairments of what leaves a node,
 * wires between two ports. It comes after all links and tunnels were planned, and adds to what was found about them.
 *
 * This file: what was found, seen again.
 */

import { subjectText } from '../../subject.ts';
import type { Context } from '../context.ts';
import type { PlannedLink } from '../plan.ts';

/** Where each link's verdict is in the draft. */
export function verdictPlaces(context: Context): ReadonlyMap<string, number> {
  return new Map(context.draft.links.map(({ link }, place) => [link, place]));
}

type MadeLink = Extract<PlannedLink, { readonly cause: string }> & { readonly verdict: 'create' | 'recreate' };

/** Whether the plan makes a link's devices. */
export function isMade(planned: PlannedLink | undefined): planned is MadeLink {
  return planned?.verdict === 'create' || planned?.verdict === 'recreate';
}

/** A link that was in order, or was to change anyway, is to change in this too. */
export function alsoChanges(context: Context, link: string, place: number | undefined, cause: string): void {
  const planned = place === undefined ? undefined : context.draft.links[place];
  if (place === undefined || planned === undefined || isMade(planned)) return;
  const causes = planned.verdict === 'unchanged' ? [cause] : [planned.cause, cause];
  context.draft.links[place] = { link, verdict: 'change', cause: causes.join(', ') };
}

/** A link that was planned lacks something else to be whole. What else there is to say of one that stays is kept. */
export function alsoWaits(context: Context, link: string, place: number | undefined, cause: string): void {
  const planned = place === undefined ? undefined : context.draft.links[place];
  if (place === undefined || planned === undefined) return;
  const causes = planned.verdict === 'change' ? [planned.cause, cause] : [cause];
  context.draft.links[place] = { link, verdict: 'waits', cause: causes.join(', ') };
}

type Fate = 'blocked' | 'made' | 'there';

/** What becomes of each tunnel, once all are planned (they have no verdicts): it can't be made, is made, or is there. */
export function fatesOf({ draft }: Context): (tunnel: string) => Fate {
  const fates = new Map<string, Fate>();
  for (const { op, link } of draft.ops) if (op === 'tunnel.add' && link !== null) fates.set(link, 'made');
  for (const { subject } of draft.failures) fates.set(subjectText(subject), 'blocked');
  return (tunnel) => fates.get(tunnel) ?? 'there';
}
