/**
 * `extras/` plans what a link has beside its devices: device features, address translation, forwarded ports. It runs
 * after the links are planned, since it reads their verdicts and adds to them.
 */

import type { Link } from '../../topology/topology.ts';
import type { Context } from '../context.ts';
import type { PlannedLink } from '../plan.ts';
import { alsoChanges, isMade } from '../traffic/verdicts.ts';
import { planEthtool } from './ethtool.ts';
import { planForwardRoutes, pruneForwardRoutes } from './forward-routes.ts';
import type { Planned } from './planned.ts';
import { planTranslations, pruneTranslations } from './translations.ts';
import { planUplink } from './uplink.ts';

/** Plans the extras of every link that exists or will be made. */
export function planExtras(context: Context): void {
  const places = new Map(context.draft.links.map(({ link }, index) => [link, index]));
  planUplink(context);
  for (const link of context.network.links) {
    const at = places.get(link.id);
    const entry = at === undefined ? undefined : context.draft.links[at];
    const planned = at === undefined || entry === undefined ? null : plannedOf(context, link, entry, at);
    if (planned === null) continue;
    planEthtool(context, planned);
    planTranslations(context, planned);
    planForwardRoutes(context, planned);
  }
}

/** Plans the removal of extras that no link wants. Valid only for the whole network. */
export function pruneExtras(context: Context): void {
  pruneTranslations(context);
  pruneForwardRoutes(context);
}

/** What was planned for a link. null: the link has no device now and will have none. */
function plannedOf(context: Context, link: Link, entry: PlannedLink, at: number): Planned | null {
  if (entry.verdict === 'blocked' || entry.verdict === 'waits') return null;
  const isNew = isMade(entry);
  const device = context.observed.namespaces.get(link.node.ns)?.byName.get(link.dev);
  if (!isNew && device === undefined) return null;
  const differs = (cause: string): void => alsoChanges(context, link.id, at, cause);
  return { link, device: isNew ? null : (device ?? null), differs };
}
