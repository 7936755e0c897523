/**
 * `refused/` is about links that can't be made for a reason of their own or of their node's. Each is reported and left
 * as it is, and the other links go on.
 *
 * This file says which links are refused, and why.
 */
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import type { NsId } from '../../net/ns-id.ts';
import { placedParent } from '../../topology/links.ts';
import type { Link, Network, Node, Refusal } from '../../topology/topology.ts';
import type { Observed } from '../observed.ts';
import type { Standing } from '../switch/standing.ts';

/**
 * Links refused by checks of the network, by a node that can't be entered, by a bridge of others that can't be joined, or because
 * of another link in the same namespace.
 */
export function refusalsOf(
  network: Network,
  observed: Observed,
  externals: ReadonlyMap<string, Standing>,
): ReadonlyMap<Link, Refusal> {
  const shared = sharedNamespaces(network.nodes, observed);
  const isSound = network.refused.size + observed.unreachable.size + externals.size === 0;
  if (isSound && shared === null) return network.refused;
  const found = new Map(network.refused);
  const taken = new Map<string, Link>();
  for (const link of network.links) {
    if (found.has(link)) continue;
    const closed = closedTo(link, observed, externals);
    const inode = shared?.get(link.node.ns);
    if (closed !== null) found.set(link, closed);
    else if (inode !== undefined) {
      const name = `${inode} ${link.dev}`;
      const first = taken.get(name);
      if (first === undefined) taken.set(name, link);
      else found.set(link, clash(first, link));
    }
  }
  return found;
}

/** Why a link can't get to its node, its parent or its bridge. null: it can. */
function closedTo(link: Link, { unreachable }: Observed, externals: ReadonlyMap<string, Standing>): Refusal | null {
  const ofNode = unreachable.get(link.node.ns);
  if (ofNode !== undefined) return ofNode;
  const parent = unreachable.size === 0 ? null : placedParent(link);
  const ofParent = parent === null ? undefined : unreachable.get(parent.ns);
  if (ofParent !== undefined) return ofParent;
  const bridge = externals.get(bridgeOf(link.spec) ?? '');
  return bridge?.kind === 'unfit' ? bridge.refusal : null;
}

/** Inodes of namespaces that several nodes share, by each node's name for the namespace. null: no nodes share one. */
function sharedNamespaces(nodes: readonly Node[], { namespaces }: Observed): ReadonlyMap<NsId, number> | null {
  const seen = new Map<number, NsId>();
  let shared: Map<NsId, number> | null = null;
  for (const { ns } of nodes) {
    const inode = namespaces.get(ns)?.dump.inode;
    if (inode === undefined) continue;
    const first = seen.get(inode);
    if (first === undefined) seen.set(inode, ns);
    else if (first !== ns) {
      shared ??= new Map();
      shared.set(first, inode).set(ns, inode);
    }
  }
  return shared;
}

function clash(first: Link, link: Link): Refusal {
  return {
    code: 'E_CLASH',
    message: `${first.id} and ${link.id} are in one network namespace, which can have only one device ${link.dev}`,
    hint: `give one of the two another dev; ${first.id} comes first and has it`,
  };
}
