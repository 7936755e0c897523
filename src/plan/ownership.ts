/**
 * Decides which lab a device belongs to. The group number of a device filters, and proves nothing: two labs can have
 * the same number, and a process in a node can set the group and the alias of any device there. Proof is what a node
 * can't reach: the mark on the other end in the switch namespace, or the namespace itself if the lab made it for its
 * bridges. A device without another end (dummy, vlan and the like) has only its alias to prove whose it is.
 */

import { isPairedDevice } from '../kinds/links/link-kinds.ts';
import { HOST_NAME } from '../net/ifname.ts';
import { autoMac } from '../net/mac.ts';
import { groupOf, isOurGroup, markOf, ROLE, sameLab } from '../net/mark.ts';
import { HOST_NS, type NsId, netnsNameOf, OWN_NS } from '../net/ns-id.ts';
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
  /** Veths with the lab's group number, by `ifindex peerIndex`. null: not collected yet. */
  #veths: Map<string, End[]> | null = null;

  constructor(lab: string, dumps: readonly NsDump[]) {
    this.#lab = lab;
    this.#group = groupOf(lab, ROLE.nodeEnd);
    this.#dumps = dumps;
    for (const dump of dumps) this.#byNs.set(dump.ns, dump);
  }

  /** Whether a device is proved to be this lab's. All other devices stay as they are. */
  owns(ns: NsId, link: LinkDump): boolean {
    const dump = this.#byNs.get(ns);
    const mark = this.#markOn(link);
    if (dump === undefined || !sameLab(link.group, this.#group) || mark === 'others') return false;
    if (isShard(this.#lab, dump)) return true;
    if (!isPairedDevice(link)) return mark === 'ours' || this.#hasOwnMac(dump, link);
    if (mark === 'ours') return this.#hasOtherEnd(link, (end) => this.#markOn(end.link) !== 'others');
    if (this.#hasOtherEnd(link, (end) => this.#markOn(end.link) === 'others')) return false;
    return this.#hasOtherEnd(link, (end) => this.#provesEnd({ dump, link }, end));
  }

  /** Whether a device is another lab's, as far as that can be known. */
  isOthers(link: LinkDump): boolean {
    if (!isOurGroup(link.group)) return false;
    if (!sameLab(link.group, this.#group)) return true;
    const mark = this.#markOn(link);
    if (mark !== 'none' || !isPairedDevice(link)) return mark === 'others';
    if (this.#hasOtherEnd(link, (end) => this.#markOn(end.link) !== 'others')) return false;
    return this.#hasOtherEnd(link, () => true);
  }

  /** Which labs have devices in a namespace. */
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

  /**
   * Whether the other end proves that an unmarked end is this lab's. After a set-up that was cut off both ends are
   * unmarked.
   */
  #provesEnd(end: End, other: End): boolean {
    if (this.#markOn(other.link) === 'ours' || isShard(this.#lab, other.dump)) return true;
    if (this.#hasOwnMac(end.dump, end.link) || this.#hasOwnMac(other.dump, other.link)) return true;
    return [end, other].some((one) => this.#isCutOffPort(one, one === end ? other : end));
  }

  /**
   * Whether an unmarked pair in linkloom's own namespace was left by a set-up that was cut off. No node shares that
   * namespace, and no other lab with the same group number may have devices there.
   */
  #isCutOffPort({ dump, link }: End, other: End): boolean {
    if (dump.ns !== OWN_NS || (link.group & 3) !== ROLE.port || (other.link.group & 3) !== ROLE.nodeEnd) return false;
    return dump.links.every((one) => !sameLab(one.group, this.#group) || this.#markOn(one) !== 'others');
  }

  /**
   * Whether a device has the MAC that this lab computes from the names of the device and its namespace (`LAB.NODE` for
   * entries of `nodes:`). A device of a set-up that was cut off has this MAC, even if it did not get its mark.
   */
  #hasOwnMac({ ns }: NsDump, { mac, ifname }: LinkDump): boolean {
    const name = ns === OWN_NS || ns === HOST_NS ? HOST_NAME : netnsNameOf(ns);
    if (name === null) return false;
    const own = `${this.#lab}.`;
    const nodes = name.startsWith(own) ? [name, name.slice(own.length)] : [name];
    return nodes.some((node) => mac === autoMac(this.#lab, node, ifname));
  }

  /**
   * Whether a veth with the lab's group number that can be the other end of this one passes a test. Each namespace counts its own
   * indexes, so in a large lab thousands can be it: those are not looked at once one has passed.
   */
  #hasOtherEnd(link: LinkDump, test: (end: End) => boolean): boolean {
    const { ifindex, peerIndex, peerNsid } = link;
    this.#veths ??= this.#collect();
    for (const end of this.#veths.get(`${peerIndex} ${ifindex}`) ?? []) {
      if (end.link !== link && (end.link.peerNsid === -1) === (peerNsid === -1) && test(end)) return true;
    }
    return false;
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

/** Whether a namespace is one of the lab's switch namespaces and was made by the lab. */
export function isShard(lab: string, { ns, madeBy }: Pick<NsDump, 'ns' | 'madeBy'>): boolean {
  return madeBy === lab && isShardName(lab, ns);
}
