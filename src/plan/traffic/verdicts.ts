/**
 * `traffic/` plans what happens to packets on the devices of the plan: impairments of what leaves a node, and wires
 * between two ports. It runs after all links and tunnels are planned, and adds to their verdicts.
 *
 * This file reads and extends those verdicts.
 */

import { subjectText } from '../../subject.ts';
import type { Context } from '../context.ts';
import type { PlannedLink } from '../plan.ts';

/** The position of each link's verdict in the draft. */
export function verdictPlaces(context: Context): ReadonlyMap<string, number> {
  return new Map(context.draft.links.map(({ link }, place) => [link, place]));
}

type MadeLink = Extract<PlannedLink, { readonly cause: string }> & { readonly verdict: 'create' | 'recreate' };

/** Whether the plan makes a link's devices. */
export function isMade(planned: PlannedLink | undefined): planned is MadeLink {
  return planned?.verdict === 'create' || planned?.verdict === 'recreate';
}

/** Adds a cause of change to a link that was in order or changes already. */
export function alsoChanges(context: Context, link: string, place: number | undefined, cause: string): void {
  const planned = place === undefined ? undefined : context.draft.links[place];
  if (place === undefined || planned === undefined || isMade(planned)) return;
  const causes = planned.verdict === 'unchanged' ? [cause] : [planned.cause, cause];
  context.draft.links[place] = { link, verdict: 'change', cause: causes.join(', ') };
}

/** Makes a link wait for what it still lacks. The causes of a link that stays are kept. */
export function alsoWaits(context: Context, link: string, place: number | undefined, cause: string): void {
  const planned = place === undefined ? undefined : context.draft.links[place];
  if (place === undefined || planned === undefined) return;
  const causes = planned.verdict === 'change' ? [planned.cause, cause] : [cause];
  context.draft.links[place] = { link, verdict: 'waits', cause: causes.join(', ') };
}

type Fate = 'blocked' | 'made' | 'there';

/**
 * What becomes of each tunnel, once all are planned: it can't be made, it is made, or it exists. Tunnels have no
 * verdicts.
 */
export function fatesOf({ draft }: Context): (tunnel: string) => Fate {
  const fates = new Map<string, Fate>();
  for (const { op, link } of draft.ops)
    if ((op === 'tunnel.add' || op === 'trunk.add') && link !== null) fates.set(link, 'made');
  for (const { subject } of draft.failures) fates.set(subjectText(subject), 'blocked');
  return (tunnel) => fates.get(tunnel) ?? 'there';
}
