import { linkKind, modeOf, vlanIdOf } from '../kinds/links/link-kinds.ts';
import type { NsId } from '../net/ns-id.ts';
import { type Finding, faultOf, refusing } from './finding.ts';
import { placedParent } from './links.ts';
import type { Link, Network } from './topology.ts';

type Judge = (links: readonly Link[], parent: string) => readonly Finding[];

/** Finds links that can't share a parent, and parents that form a circle. All findings are errors. */
export function checkParents(network: Network): readonly Finding[] {
  const groups = new Map<string, Link[]>();
  for (const link of network.links) {
    const parent = placedParent(link);
    if (parent === null) continue;
    const key = `${parent.ns} ${parent.dev}`;
    const group = groups.get(key);
    if (group) group.push(link);
    else groups.set(key, [link]);
  }
  const judges: readonly Judge[] = [vlanIds, receivers, sharedModes, takenWhole];
  const together = [...groups.values()].flatMap((links) => {
    const [first] = links;
    const parent = first === undefined ? null : placedParent(first);
    return parent === null || links.length < 2 ? [] : judges.flatMap((judge) => judge(links, parent.dev));
  });
  return [...together, ...circles(network.links)];
}

/**
 * Returns the function that finds the link of the same node that makes a link's parent. null: none of these links does.
 */
export function localParents(links: readonly Link[]): (link: Link) => Link | null {
  const made = new Map<NsId, Map<string, Link>>();
  const concerned = new Set(links.flatMap((link) => (placedParent(link)?.ns === link.node.ns ? [link.node.ns] : [])));
  if (concerned.size === 0) return () => null;
  for (const link of links) {
    if (!concerned.has(link.node.ns)) continue;
    const devs = made.get(link.node.ns) ?? new Map<string, Link>();
    made.set(link.node.ns, devs.set(link.dev, link));
  }
  return (link) => {
    const parent = placedParent(link);
    return parent === null || parent.ns !== link.node.ns ? null : (made.get(parent.ns)?.get(parent.dev) ?? null);
  };
}

function vlanIds(links: readonly Link[], parent: string): readonly Finding[] {
  const holders = new Map<number, Link>();
  const found: Finding[] = [];
  for (const link of links) {
    const vlanId = vlanIdOf(link.spec);
    if (vlanId === null) continue;
    const holder = holders.get(vlanId);
    if (holder === undefined) {
      holders.set(vlanId, link);
      continue;
    }
    const hint =
      holder.spec === link.spec
        ? 'vlanid does not count up with the replicas: give each container a link of its own, or run one replica'
        : 'give one of them another vlanid';
    const said = `wants VLAN ${vlanId} of ${parent}, which ${holder.id} has`;
    found.push(refusing(faultOf('parent-vlan-id', link, said, { hint }), [link], [holder, link]));
  }
  return found;
}

const receiverOf = ({ spec }: Link): string | null => linkKind(spec.type).receiver;

/**
 * Refuses links of different types on one parent. The kernel lets only one receiver, macvlan or ipvlan, take a parent's
 * frames.
 */
function receivers(links: readonly Link[], parent: string): readonly Finding[] {
  const all = links.filter((link) => receiverOf(link) !== null);
  const early = all[0];
  const late = all.find((link) => early !== undefined && receiverOf(link) !== receiverOf(early));
  if (early === undefined || late === undefined) return [];
  const [one, other] = String(receiverOf(early)) < String(receiverOf(late)) ? [early, late] : [late, early];
  const said = `is ${one.spec.type} and ${other.id} is ${other.spec.type}, both on ${parent}: the kernel allows one of the two`;
  const others = all.filter((link) => receiverOf(link) !== receiverOf(early));
  return [
    refusing(
      faultOf('parent-mixed-types', one, said, { hint: 'use the same type for all links on a parent' }),
      others,
      all,
    ),
  ];
}

/**
 * Refuses different modes on one parent, for types whose mode the kernel keeps for each parent: to set one link's mode
 * would set all.
 */
function sharedModes(links: readonly Link[], parent: string): readonly Finding[] {
  const [first, ...rest] = links.filter(({ spec }) => linkKind(spec.type).sharesMode);
  const isOther = (link: Link): boolean => first !== undefined && modeOf(link.spec) !== modeOf(first.spec);
  const other = rest.find(isOther);
  if (first === undefined || other === undefined) return [];
  const family = receiverOf(first);
  const said = `has mode ${modeOf(other.spec)} and ${first.id} mode ${modeOf(first.spec)}, but all ${family} links on ${parent} share one`;
  const error = faultOf('parent-mixed-modes', other, said, { hint: 'give them the same mode' });
  return [refusing(error, rest.filter(isOther), [first, ...rest])];
}

/** Refuses a link that takes all frames of a parent while other links are on the parent too. */
function takenWhole(links: readonly Link[], parent: string): readonly Finding[] {
  const whole = links.find(({ spec }) => linkKind(spec.type).takesParentWhole(spec));
  if (whole === undefined) return [];
  const alike = links.filter((link) => receiverOf(link) === receiverOf(whole));
  const other = alike.find((link) => link !== whole);
  if (other === undefined) return [];
  const said = `takes ${parent} whole (mode ${modeOf(whole.spec)}), but ${other.id} is on it too`;
  return [
    refusing(
      faultOf('parent-taken-whole', whole, said, { hint: 'use mode bridge to share a parent' }),
      alike.slice(1),
      alike,
    ),
  ];
}

function circles(links: readonly Link[]): readonly Finding[] {
  const below = localParents(links);
  const sound = new Set<Link>();
  const found: Finding[] = [];
  for (const start of links) {
    const path = new Set<Link>();
    let link: Link | null = start;
    while (link !== null && !sound.has(link) && !path.has(link)) {
      path.add(link);
      link = below(link);
    }
    if (link !== null && path.has(link)) {
      const said = link === below(link) ? 'is its own parent' : 'is, over others, its own parent';
      const error = faultOf('parent-circle', link, said, { hint: 'name the device below it as outer-dev' });
      found.push(refusing(error, [...path]));
    }
    for (const passed of path) sound.add(passed);
  }
  return found;
}
