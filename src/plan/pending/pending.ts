/**
 * `pending/` is about what does not exist yet and holds links up: nodes that do not run, other ends of wires, parents.
 *
 * This file lists what is pending.
 */

import type { Pending } from '../../events.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import { linkSubject } from '../../subject.ts';
import type { MissingNode, Network, ProjectFilter } from '../../topology/topology.ts';
import type { Plan } from '../plan.ts';

/** Says why a node counts as missing, for people. */
export type Absence = (missing: MissingNode) => string;

/** The reason for nodes that are not among the running containers. `filter` names the compose project of services. */
export function notRunning(filter: ProjectFilter | null): Absence {
  const project = filter?.project ? ` in the compose project ${filter.project}` : '';
  return ({ selector: { kind, name } }) =>
    kind === 'service' ? `no container of service ${name} runs${project}` : `${kind} ${name} does not run`;
}

/** The reason for nodes that were not looked for. */
export const notLookedFor: Absence = ({ selector: { kind, name } }) =>
  `${kind} ${name} is left out: without an engine only network namespaces are planned`;

/**
 * Everything that is pending, nodes first. A link is in one entry at most. Links that are `lost` (they failed, or were
 * not begun) are reported elsewhere.
 */
export function pendingOf(
  network: Network,
  plan: Plan,
  absence: Absence,
  lost: ReadonlySet<string> = new Set(),
): readonly Pending[] {
  const waiting = plan.links.flatMap(({ link, verdict, cause }): Pending[] =>
    verdict === 'waits' && !lost.has(link) ? [{ subject: linkSubject(link), links: [link], why: cause }] : [],
  );
  return [...nodesPending(network.pending, absence), ...waiting];
}

/** Nodes that do not run, each with its links. */
export function nodesPending(missing: readonly MissingNode[], absence: Absence): readonly Pending[] {
  return missing.map((one): Pending => {
    const { name } = one.selector;
    const links = one.links.map(({ dev }) => `${name}:${dev}`);
    return { subject: { kind: 'node', name }, links, why: absence(one) };
  });
}

/** The number of links in all entries. */
export function linksPending(pending: readonly Pending[]): number {
  return pending.reduce((sum, { links }) => sum + links.length, 0);
}

/** What the only end of a wire waits for. */
export function lackOfOtherEnd({ pending }: Network, bridge: string | null): string {
  const others = pending.flatMap(({ selector, links }) =>
    links.flatMap((spec) => (bridgeOf(spec) === bridge ? [`${selector.name}:${spec.dev}`] : [])),
  );
  if (others.length > 0) return `waits for its other end ${others.join(' or ')}`;
  return `waits for its other end: no other link is tied to bridge ${bridge}`;
}
