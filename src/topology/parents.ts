/** The devices that vlan and its kin are made on: what the kernel would not have on one parent, said before it is asked. */
import { modeOf } from '../net/modes.ts';
import type { NsId } from '../net/ns-id.ts';
import { type Finding, faultOf, refusing } from './finding.ts';
import type { Link, Network } from './topology.ts';

type Judge = (links: readonly Link[], parent: string) => readonly Finding[];

/** Links that can't be on one parent together, and local parents that go round in a circle. Errors all. */
export function checkParents(network: Network): readonly Finding[] {
  const groups = new Map<string, Link[]>();
  for (const link of network.links) {
    if (link.parent === null) continue;
    const key = `${link.parent.ns} ${link.parent.dev}`;
    const group = groups.get(key);
    if (group) group.push(link);
    else groups.set(key, [link]);
  }
  const judges: readonly Judge[] = [vlanIds, families, ipvlanModes, passthru];
  const together = [...groups.values()].flatMap((links) =>
    links.length < 2 ? [] : judges.flatMap((judge) => judge(links, links[0]?.parent?.dev ?? '')),
  );
  return [...together, ...circles(network.links)];
}

/** For each link the one that makes its parent in the same node; null: no link of these does. */
export function localParents(links: readonly Link[]): (link: Link) => Link | null {
  const made = new Map<NsId, Map<string, Link>>();
  const concerned = new Set(links.flatMap(({ parent, node }) => (parent?.ns === node.ns ? [node.ns] : [])));
  if (concerned.size === 0) return () => null;
  for (const link of links) {
    if (!concerned.has(link.node.ns)) continue;
    const devs = made.get(link.node.ns) ?? new Map<string, Link>();
    made.set(link.node.ns, devs.set(link.dev, link));
  }
  return ({ parent, node }) =>
    parent === null || parent.ns !== node.ns ? null : (made.get(parent.ns)?.get(parent.dev) ?? null);
}

function vlanIds(links: readonly Link[], parent: string): readonly Finding[] {
  const holders = new Map<number, Link>();
  const found: Finding[] = [];
  for (const link of links) {
    if (link.spec.type !== 'vlan' || link.spec.vlanId === null) continue;
    const holder = holders.get(link.spec.vlanId);
    if (holder === undefined) {
      holders.set(link.spec.vlanId, link);
      continue;
    }
    const hint =
      holder.spec === link.spec
        ? 'vlanid does not count up with the replicas: give each container a link of its own, or run one replica'
        : 'give one of them another vlanid';
    const said = `wants VLAN ${link.spec.vlanId} of ${parent}, which ${holder.id} has`;
    found.push(refusing(faultOf('parent-vlan-id', link, said, { hint }), [link], [holder, link]));
  }
  return found;
}

const isIpvlan = ({ spec }: Link): boolean => spec.type === 'ipvlan' || spec.type === 'ipvtap';
const isMacvlan = ({ spec }: Link): boolean => spec.type === 'macvlan' || spec.type === 'macvtap';

function families(links: readonly Link[], parent: string): readonly Finding[] {
  const mac = links.find(isMacvlan);
  const ip = links.find(isIpvlan);
  if (mac === undefined || ip === undefined) return [];
  const said = `is ${ip.spec.type} and ${mac.id} is ${mac.spec.type}, both on ${parent}: the kernel allows one of the two`;
  const all = links.filter((link) => isIpvlan(link) || isMacvlan(link));
  const isLate = all.find((link) => link === ip || link === mac) === ip ? isMacvlan : isIpvlan;
  return [
    refusing(
      faultOf('parent-mixed-types', ip, said, { hint: 'use the same type for all links on a parent' }),
      all.filter(isLate),
      all,
    ),
  ];
}

/** The mode is the parent's: setting one link's sets all. */
function ipvlanModes(links: readonly Link[], parent: string): readonly Finding[] {
  const mode = ({ spec }: Link): string | null => modeOf(spec.type, spec.mode);
  const [first, ...rest] = links.filter(isIpvlan);
  const other = rest.find((link) => first !== undefined && mode(link) !== mode(first));
  if (first === undefined || other === undefined) return [];
  const said = `has mode ${mode(other)} and ${first.id} mode ${mode(first)}, but all ipvlan links on ${parent} share one`;
  const others = rest.filter((link) => mode(link) !== mode(first));
  return [
    refusing(faultOf('parent-mixed-modes', other, said, { hint: 'give them the same mode' }), others, [first, ...rest]),
  ];
}

function passthru(links: readonly Link[], parent: string): readonly Finding[] {
  const macvlans = links.filter(isMacvlan);
  const whole = macvlans.find(({ spec }) => spec.mode === 'passthru');
  const other = macvlans.find((link) => link !== whole);
  if (whole === undefined || other === undefined) return [];
  const said = `takes ${parent} whole (mode passthru), but ${other.id} is on it too`;
  return [
    refusing(
      faultOf('parent-taken-whole', whole, said, { hint: 'use mode bridge to share a parent' }),
      macvlans.slice(1),
      macvlans,
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
