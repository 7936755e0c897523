/** Instantiate: what is wanted of the nodes that run now, of the whole lab or of some nodes; and what of it can't be. */

import { together } from '../config/diagnose.ts';
import type { Emit } from '../events.ts';
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import { checkNetwork } from '../topology/checks.ts';
import { type Finding, reasonFor } from '../topology/finding.ts';
import { type Instantiated, instantiate } from '../topology/instantiate.ts';
import { wiresOf } from '../topology/parts.ts';
import type { Container, Link, Network, Node, Topology } from '../topology/topology.ts';
import { refuseErrors } from './load.ts';
import type { SessionParts } from './session.ts';
import type { WholeLab } from './whole-lab.ts';

/** Some nodes of a lab. */
export interface SomeNodes {
  /** Containers by their ids. */
  readonly containers: ReadonlySet<string>;
  /** Named namespaces by their names. */
  readonly netns: ReadonlySet<string>;
}

type Wanted = Pick<SessionParts, 'topology' | 'filter' | 'host'>;

/** A network whose faults are still to be looked for: what to observe is known by it already. */
export interface Unchecked {
  readonly network: Network;
  readonly checked: (emit: Emit) => Network;
}

/** The network of all nodes. */
export function wholeNetwork({ topology, filter, host }: Wanted, containers: readonly Container[]): Unchecked {
  const found = instantiate(topology, { containers, netns: 'all', host }, filter);
  return { network: found.network, checked: (emit) => withoutClashes(found, emit) };
}

/**
 * The network of some nodes: their links, the other ends of their wires, and the bridges that they are tied to. Its links are checked
 * together with those of other replicas of the same services.
 */
export function partOfNetwork(
  { wholeLab, filter, host }: Wanted & { readonly wholeLab: WholeLab },
  nodes: SomeNodes,
  containers: readonly Container[],
): Unchecked {
  const some = containers.filter(({ id }) => nodes.containers.has(id));
  const topology = wholeLab.parts.narrow(some, nodes.netns);
  const found = instantiate(topology, { containers, netns: 'all', host }, filter);
  const part = (network: Network): Network => only(network, topology, nodes);
  return { network: part(found.network), checked: (emit) => part(withoutClashes(found, emit)) };
}

function only(network: Network, { bridges }: Topology, nodes: SomeNodes): Network {
  const wires = wiresOf(bridges);
  const isAmong = ({ kind, id, name }: Node): boolean =>
    kind === 'container' ? nodes.containers.has(id ?? '') : nodes.netns.has(name);
  const links = network.links.filter(({ node, spec }) => isAmong(node) || wires.has(bridgeOf(spec) ?? ''));
  const linked = new Set(links.map(({ node }) => node));
  return { ...network, links, nodes: network.nodes.filter((node) => linked.has(node)) };
}

/** The links that containers had whose process has ended. */
export function linksOfEnded(
  { wholeLab, filter, host }: Pick<Wanted, 'filter' | 'host'> & { readonly wholeLab: WholeLab },
  ended: readonly Container[],
): readonly Link[] {
  if (ended.length === 0) return [];
  const topology = wholeLab.parts.narrow(ended);
  return instantiate(topology, { containers: ended, netns: 'all', host }, filter).network.links;
}

/** Throws E_CLASH where the configuration itself can't be; nothing is touched then. What shows only in the containers that run is refused link by link. */
function withoutClashes({ network, diagnostics }: Instantiated, emit: Emit): Network {
  const found: readonly Finding[] = [...diagnostics, ...checkNetwork(network)];
  const ofLinks = found.filter(({ links }) => links !== undefined);
  const isWhole = found.some(({ severity, links }) => severity === 'error' && links === undefined);
  refuseErrors('E_CLASH', together(isWhole ? found : found.filter(({ links }) => links === undefined)), emit);
  if (ofLinks.length === 0) return network;
  const refused = new Map(network.refused);
  for (const finding of ofLinks) {
    const { hint, where, links = [] } = finding;
    const place = where === undefined ? '' : ` (${where.file}:${where.line}:${where.column})`;
    for (const link of links) {
      if (refused.has(link)) continue;
      refused.set(link, { code: 'E_CLASH', message: `${reasonFor(link, finding)}${place}`, hint: hint ?? null });
    }
  }
  return { ...network, refused };
}
