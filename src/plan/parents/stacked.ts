import type { Link, StackedLink } from '../../topology/topology.ts';
import { blockRefused, type Context } from '../context.ts';
import { planAlone } from '../links/alone.ts';
import type { PlannedLink } from '../plan.ts';

/**
 * Plans links whose parents other links of the same node make (`parentOf`). Each is planned after its parent, however
 * high the stack.
 */
export function planStacked(
  context: Context,
  links: readonly StackedLink[],
  parentOf: (link: Link) => Link | null,
): void {
  const planned = new Map<string, PlannedLink>();
  const open = new Set(links);
  let known = 0;
  const verdictOf = (link: Link): PlannedLink | undefined => {
    for (const entry of context.draft.links.slice(known)) planned.set(entry.link, entry);
    known = context.draft.links.length;
    return planned.get(link.id);
  };
  const plan = (link: StackedLink): void => {
    // The link leaves the set first, so that a circle of parents can't recurse without end. Circles are refused
    // earlier.
    if (!open.delete(link)) return;
    const parent = parentOf(link);
    if (parent !== null && 'parent' in parent) plan(parent);
    const refusal = context.refused.get(link);
    if (refusal) return blockRefused(context, link, refusal);
    planAlone(context, link, parent === null ? null : { link: parent, planned: verdictOf(parent) });
  };
  for (const link of links) plan(link);
}
