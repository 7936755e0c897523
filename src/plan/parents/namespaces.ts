import { type NsId, OWN_NS } from '../../net/ns-id.ts';
import { placedParent } from '../../topology/links.ts';
import type { Network } from '../../topology/topology.ts';

/**
 * Namespaces that have to be observed for the devices of others in them: those of parents, and the one that tunnels
 * send from.
 */
export function lowerNamespaces({ links, tunnels }: Network): ReadonlySet<NsId> {
  const found = new Set<NsId>();
  for (const link of links) {
    const parent = placedParent(link);
    if (parent !== null) found.add(parent.ns);
  }
  if (tunnels.length > 0) found.add(UNDERLAY);
  return found;
}

/**
 * The underlay's namespace. A tunnel's packets leave from the namespace that linkloom was started in, wherever the
 * tunnel's device is.
 */
export const UNDERLAY: NsId = OWN_NS;
