/**
 * Finds a lab's switch side in a namespace that a run does not use: that of another linkloom, as of one in a container. The two would
 * take each other's links away, and neither sees the other's lock.
 */
import { isLinuxBridge } from '../../kinds/bridge-modes.ts';
import { isPairedDevice } from '../../kinds/links/link-kinds.ts';
import { BRIDGE_NODE, groupOf, isOfLink, isPortGroup, markOf, ROLE, sameLab } from '../../net/mark.ts';
import { type NsId, namedNs, OWN_NS } from '../../net/ns-id.ts';
import { settingsByHand } from '../../net/override.ts';
import type { LinkDump, NsDump } from '../../wire/seen.ts';
import type { Observed } from '../observed.ts';
import type { Doubts } from '../plan.ts';
import { isShardName } from './placement.ts';

/** What a run looks at. */
export interface Sight {
  readonly lab: string;
  readonly observed: Observed;
  /** The namespaces of the nodes that it looks at. */
  readonly nodes: ReadonlySet<NsId>;
  /** The inode of linkloom's own namespace, which can be known as a container's. */
  readonly ownInode: number;
  /** The host's namespace, where ports can be in bridges of others. */
  readonly host: NsId;
}

/**
 * The first namespace with the lab's switch side that is not of this run. A bridge with the lab's mark proves it. So do ports where
 * this run has none: a port that somebody moved leaves its bridge behind.
 */
export function switchElsewhere(sight: Sight, dumps: readonly NsDump[] = dumpsOf(sight)): NsDump | null {
  const { lab, host, nodes } = sight;
  const isEmpty = isWithoutSwitch(sight);
  const isIt = ({ ns, links }: NsDump): boolean => {
    const ports = links.filter((link) => isPort(lab, link));
    const bridges = links.filter((link) => isBridge(lab, link));
    if (bridges.some(({ ifindex }) => !nodes.has(ns) || ports.some(({ master }) => master === ifindex))) return true;
    return isEmpty && ns !== host && ports.length > 0;
  };
  return dumps.find((dump) => !isHere(sight, dump) && isIt(dump)) ?? null;
}

/**
 * Node ends whose other ends are in no namespace that was looked into, where this run has no switch side that they could have been
 * moved from. Empty before a first `up`, and where the lab is in order.
 */
export function looseEnds(sight: Sight): Doubts['farEnds'] {
  const { lab } = sight;
  const loose = new Map<NsId, Set<number>>();
  if (!isWithoutSwitch(sight)) return loose;
  const group = groupOf(lab, ROLE.nodeEnd);
  const dumps = dumpsOf(sight);
  const pairs = new Set(dumps.flatMap(({ links }) => links.filter(isPairedDevice).map(pairOf)));
  for (const { ns, links } of dumps) {
    for (const link of links) {
      const isEnd = link.group === group && isPairedDevice(link) && isWithoutMark(link);
      if (!isEnd || pairs.has(`${link.peerIndex} ${link.ifindex}`)) continue;
      loose.set(ns, (loose.get(ns) ?? new Set()).add(link.ifindex));
    }
  }
  return loose;
}

/** Those of these ends whose other end lives and carries the lab's mark, by the indexes of their pairs as that end's namespace has them. */
export function endsThatLive({ lab, observed }: Sight, ends: Doubts['farEnds']): ReadonlySet<string> {
  const alive = new Set<string>();
  for (const [ns, indexes] of ends) {
    const view = observed.namespaces.get(ns);
    for (const ifindex of indexes) {
      const mark = markOf(view?.farEndOf(ifindex)?.alias ?? '');
      const link = view?.byIndex.get(ifindex);
      if (link !== undefined && mark?.lab === lab && isOfLink(mark)) alive.add(`${link.peerIndex} ${ifindex}`);
    }
  }
  return alive;
}

/** Whether a namespace has one of these ends. Each namespace counts its own indexes, so that the mark has to agree. */
export function hasEnd({ lab }: Sight, { links }: NsDump, ends: ReadonlySet<string>): boolean {
  return links.some((link) => isPairedDevice(link) && ends.has(pairOf(link)) && markOf(link.alias)?.lab === lab);
}

/** Whether linkloom made a namespace for bridges of this lab; its own, or a container's, carries no mark. */
export function isMarkedAsSwitch(lab: string, { links }: NsDump): boolean {
  const mark = markOf(links.find(({ ifname }) => ifname === 'lo')?.alias ?? '');
  return mark?.lab === lab && isShardName(lab, namedNs(mark.node));
}

function dumpsOf({ observed }: Sight): readonly NsDump[] {
  return [...observed.namespaces.values()].map(({ dump }) => dump);
}

/** Whether this run has the lab's switch side there, or has had it, as with another `--switch`. */
function isHere({ lab, ownInode }: Sight, { ns, inode }: Pick<NsDump, 'ns' | 'inode'>): boolean {
  return ns === OWN_NS || inode === ownInode || isShardName(lab, ns);
}

function isWithoutSwitch(sight: Sight): boolean {
  const { lab } = sight;
  const group = groupOf(lab, ROLE.nodeEnd);
  const isOfSwitch = (link: LinkDump): boolean =>
    sameLab(link.group, group) && ((link.group & 3) === ROLE.port || (link.group & 3) === ROLE.bridge);
  return dumpsOf(sight).every((dump) => !isHere(sight, dump) || !dump.links.some(isOfSwitch));
}

/** A port's other end is in a node, so in another namespace. */
function isPort(lab: string, link: LinkDump): boolean {
  if (!isPortGroup(link.group) || !isPairedDevice(link) || link.peerNsid === -1) return false;
  const mark = markOf(link.alias);
  return mark?.lab === lab && isOfLink(mark);
}

function isBridge(lab: string, link: LinkDump): boolean {
  if (link.group !== groupOf(lab, ROLE.bridge) || !isLinuxBridge(link)) return false;
  const mark = markOf(link.alias);
  return mark?.lab === lab && mark.node === BRIDGE_NODE;
}

/** The mark of a whole link is on its port; each end of a direct one has its own. */
function isWithoutMark({ alias }: LinkDump): boolean {
  return alias === '' || settingsByHand(alias).size > 0;
}

function pairOf({ ifindex, peerIndex }: LinkDump): string {
  return `${ifindex} ${peerIndex}`;
}
