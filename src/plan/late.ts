/** Links with `state: late` are down until all links of the lab are made. One that is up already stays so. */
import { counted } from '../counted.ts';
import { localParents } from '../topology/parents.ts';
import type { Link, Network } from '../topology/topology.ts';
import type { Observed } from './observed.ts';
import type { Plan } from './plan.ts';

/** A network of which some links are held back: they are wanted down for now. */
export interface HeldBack {
  readonly network: Network;
  /** How many. */
  readonly count: number;
}

/** null: nothing is to be held back. What stands on a link that is held back is so, too. */
export function heldBack(network: Network, observed: Observed): HeldBack | null {
  const late = network.links.filter(({ spec }) => spec.isLate);
  if (late.length === 0) return null;
  const isUp = ({ node, dev }: Link): boolean => observed.namespaces.get(node.ns)?.byName.get(dev)?.up ?? false;
  const held = new Set<Link>(late.filter((link) => !isUp(link)));
  if (held.size === 0) return null;
  const parentOf = localParents(network.links);
  const isHeld = (link: Link): boolean => {
    if (held.has(link)) return true;
    const parent = parentOf(link);
    return parent !== null && isHeld(parent);
  };
  const refused = new Map(network.refused);
  const links = network.links.map((link) => {
    if (!isHeld(link)) return link;
    const lowered = { ...link, spec: { ...link.spec, state: 'down', isHeldBack: true } } as Link;
    const refusal = network.refused.get(link);
    if (refusal !== undefined) refused.set(lowered, refusal);
    return lowered;
  });
  return { network: { ...network, links, refused }, count: held.size };
}

/** Whether all links of a lab are made: then those that were held back rise. `plan` is of the whole lab. */
export function areAllMade({ pending, refused }: Network, { links, failures, ops }: Plan): boolean {
  const isThere = links.every(({ verdict }) => verdict === 'unchanged');
  return isThere && ops.length === 0 && failures.length === 0 && pending.length === 0 && refused.size === 0;
}

/** What people are told of it. */
export function heldNote(count: number): string {
  return `${counted(count, 'link')} held back (state late): down until all links of the lab are made`;
}
