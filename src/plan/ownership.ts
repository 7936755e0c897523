/**
 * Whose a device is. Its group number is a filter and no proof: two labs can have the same number, and whoever is in a node
 * can give it, and an alias, to any device there. What proves is what a node can't reach: the mark on the other end, in the
 * switch namespace; the namespace itself, if the lab made it for its bridges. A device of the lab without another end (dummy,
 * vlan and its kin) has nothing but its alias to prove it.
 */

import { isPairedDevice } from '../kinds/links/link-kinds.ts';
import { autoMac } from '../net/mac.ts';
import { groupOf, isOurGroup, markOf, ROLE, sameLab } from '../net/mark.ts';
import { type NsId, netnsNameOf, OWN_NS } from '../net/ns-id.ts';
import { type Tenancy, tenancyOf } from '../net/tenants.ts';
import type { LinkDump, NsDump } from '../wire/seen.ts';
import { isShardName } from './switch/placement.ts';

interface End {
  readonly dump: NsDump;
  readonly link: LinkDump;
}

export class Ownership {
  readonly #lab: string;
  readonly #group: number;
  readonly #dumps: readonly NsDump[];
  readonly #byNs = new Map<NsId, NsDump>();
  /** Veths of the lab's number by `ifindex peerIndex`; null: nobody has asked. */
  #veths: Map<string, End[]> | null = null;

  constructor(lab: string, dumps: readonly NsDump[]) {
    this.#lab = lab;
    this.#group = groupOf(lab, ROLE.nodeEnd);
    this.#dumps = dumps;
    for (const dump of dumps) this.#byNs.set(dump.ns, dump);
  }

  /** Whether a device is proved to be this lab's: what is not stays as it is. */
  owns(ns: NsId, link: LinkDump): boolean {
    const dump = this.#byNs.get(ns);
    const mark = this.#markOn(link);
    if (dump === undefined || !sameLab(link.group, this.#group) || mark === 'others') return false;
    if (isShard(this.#lab, dump)) return true;
    if (!isPairedDevice(link)) return mark === 'ours' || this.#hasOwnMac(dump, link);
    const others = this.#otherEnds(link);
    if (mark === 'ours') return others.some((end) => this.#markOn(end.link) !== 'others');
    if (others.some((end) => this.#markOn(end.link) === 'others')) return false;
    return others.some((end) => this.#provesEnd({ dump, link }, end));
  }

  /** Whether a device is another lab's, as far as it can be told. */
  isOthers(link: LinkDump): boolean {
    if (!isOurGroup(link.group)) return false;
    if (!sameLab(link.group, this.#group)) return true;
    const mark = this.#markOn(link);
    if (mark !== 'none' || !isPairedDevice(link)) return mark === 'others';
    const others = this.#otherEnds(link);
    return others.length > 0 && others.every((end) => this.#markOn(end.link) === 'others');
  }

  /** Who is in a namespace. */
  tenancyIn({ ns, madeBy, links }: NsDump): Tenancy {
    const tenancy = tenancyOf(this.#lab, madeBy, links);
    const othersAreIn = tenancy.othersAreIn || links.some((link) => this.isOthers(link));
    return { ...tenancy, othersAreIn, isIn: links.some((link) => this.owns(ns, link)) };
  }

  #markOn({ alias }: LinkDump): 'ours' | 'others' | 'none' {
    const mark = alias === '' ? null : markOf(alias);
    if (mark === null) return 'none';
    return mark.lab === this.#lab ? 'ours' : 'others';
  }

  /** Whether an unmarked end is the lab's by its other end; both are unmarked where a set-up was cut off. */
  #provesEnd(end: End, other: End): boolean {
    if (this.#markOn(other.link) === 'ours' || isShard(this.#lab, other.dump)) return true;
    if (this.#hasOwnMac(end.dump, end.link) || this.#hasOwnMac(other.dump, other.link)) return true;
    return [end, other].some((one) => this.#isCutOffPort(one, one === end ? other : end));
  }

  /** In linkloom's own namespace, where no node can be: a port and its end, while no lab of the same number has anything there. */
  #isCutOffPort({ dump, link }: End, other: End): boolean {
    if (dump.ns !== OWN_NS || (link.group & 3) !== ROLE.port || (other.link.group & 3) !== ROLE.nodeEnd) return false;
    return dump.links.every((one) => !sameLab(one.group, this.#group) || this.#markOn(one) !== 'others');
  }

  /** The MAC that the lab gives to a device of this name in a namespace of this name (`LAB.NODE` for entries of `nodes:`): what was cut off has it before its mark. */
  #hasOwnMac({ ns }: NsDump, { mac, ifname }: LinkDump): boolean {
    const name = netnsNameOf(ns);
    if (name === null) return false;
    const own = `${this.#lab}.`;
    const nodes = name.startsWith(own) ? [name, name.slice(own.length)] : [name];
    return nodes.some((node) => mac === autoMac(this.#lab, node, ifname));
  }

  /** Veths of the lab's number that can be the other end of one. Indexes are each namespace's own, so there can be several. */
  #otherEnds(link: LinkDump): readonly End[] {
    const { ifindex, peerIndex, peerNsid } = link;
    this.#veths ??= this.#collect();
    const found = this.#veths.get(`${peerIndex} ${ifindex}`) ?? [];
    return found.filter((end) => end.link !== link && (end.link.peerNsid === -1) === (peerNsid === -1));
  }

  #collect(): Map<string, End[]> {
    const veths = new Map<string, End[]>();
    for (const dump of this.#dumps) {
      for (const link of dump.links) {
        if (!isPairedDevice(link) || !sameLab(link.group, this.#group)) continue;
        const key = `${link.ifindex} ${link.peerIndex}`;
        const ends = veths.get(key);
        if (ends) ends.push({ dump, link });
        else veths.set(key, [{ dump, link }]);
      }
    }
    return veths;
  }
}

/** Whether a namespace is one of the lab's switch namespaces, and the lab made it. */
export function isShard(lab: string, { ns, madeBy }: Pick<NsDump, 'ns' | 'madeBy'>): boolean {
  return madeBy === lab && isShardName(lab, ns);
}
