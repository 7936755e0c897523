/** What workers saw in a namespace. */
import type { LinkNumbers } from '../net/link-numbers.ts';
import type { NsId } from '../net/ns-id.ts';
import type { Netem } from '../topology/topology.ts';
import type { OpFailure } from './failure.ts';

export interface LinkDump {
  readonly ifindex: number;
  readonly ifname: string;
  /** `veth`, `bridge`, `dummy`…; '' for none (`lo`, hardware). */
  readonly kind: string;
  readonly group: number;
  readonly alias: string;
  readonly mac: string;
  readonly mtuBytes: number;
  /** IFF_UP. */
  readonly up: boolean;
  /** `UP`, `DOWN`, `LOWERLAYERDOWN`, `UNKNOWN`… as `ip -json` says it. */
  readonly operstate: string;
  /** Index of the bridge it is a port of, 0 for none. */
  readonly master: number;
  /** IFLA_LINK: the peer's or the parent's index, 0 for none. */
  readonly peerIndex: number;
  /** IFLA_LINK_NETNSID, -1 if the other end is in the same namespace (or has none). */
  readonly peerNsid: number;
  readonly txQueues: number;
  readonly numbers: LinkNumbers;
  /** The *vlan types' mode and id; null otherwise. */
  readonly mode: string | null;
  readonly vlanId: number | null;
  /** Of tunnels; null otherwise. `remote` is '' where there is none of its own, `dstPort` null where there are no ports. */
  readonly tunnel: { readonly vni: number | null; readonly remote: string; readonly dstPort: number | null } | null;
  /** The features asked for that the device has, and whether they are on; null: not asked for, or not linkloom's. */
  readonly offloads: Readonly<Record<string, boolean>> | null;
  /** Kind of the root qdisc: `noqueue`, `netem`… */
  readonly qdisc: string;
  /** netem at its root, with the qdisc's handle; null: another qdisc, or not asked for. */
  readonly netem: { readonly handle: number; readonly netem: Netem } | null;
  /** Index of the device by which all leaves that this one receives (0: that is gone); null: nothing does, or not asked for. */
  readonly redirect: number | null;
  /** Only if asked for. */
  readonly counters: {
    readonly rxPackets: number;
    readonly txPackets: number;
    readonly rxBytes: number;
    readonly txBytes: number;
    readonly rxDropped: number;
    readonly txDropped: number;
    readonly rxErrors: number;
    readonly txErrors: number;
  } | null;
}

export interface AddressDump {
  readonly ifindex: number;
  /** Canonical prefix. */
  readonly address: string;
  /** IFA_PROTO, 0 if the kernel does not say. */
  readonly protocol: number;
  readonly scope: 'global' | 'site' | 'link' | 'host' | 'nowhere';
}

export interface RouteDump {
  /** Index of the device that it leaves by; null: it leaves by none, or by several. */
  readonly ifindex: number | null;
  readonly family: 4 | 6;
  readonly type: string;
  readonly dst: string;
  readonly via: string | null;
  readonly src: string | null;
  readonly metric: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly mtuBytes: number | null;
  readonly advmssBytes: number | null;
  readonly onlink: boolean;
}

/** An address or a route that the node itself or somebody else made, with all that the kernel tells of it, so that it can be put back. */
export interface OtherDump {
  readonly what: 'address' | 'route';
  readonly family: 4 | 6;
  /** The device it is on; those that it leaves by, several of a multipath route. */
  readonly ifindexes: readonly number[];
  /** Canonical prefix: the address, or where the route leads. */
  readonly prefix: string;
  /** Of a route; null: none. */
  readonly src: string | null;
  readonly mtuBytes: number | null;
  /** IFA_PROTO or `rtm_protocol`. */
  readonly protocol: number;
  /** The payload of the kernel's message, in hexadecimal. */
  readonly payload: string;
}

/** Rules of ours with one comment. */
export interface TranslationDump {
  readonly comment: string;
  readonly rules: number;
}

export interface NsDump {
  readonly ns: NsId;
  /** null: there is no such namespace, or it could not be read. */
  readonly inode: number | null;
  /** The lab that made it, by a note that nobody in the namespace can write; null: not known, or not a named one. */
  readonly madeBy: string | null;
  /** Why it could not be read (not: why it is missing), or null. */
  readonly failure: OpFailure | null;
  readonly links: readonly LinkDump[];
  readonly addresses: readonly AddressDump[];
  readonly routes: readonly RouteDump[];
  readonly translations: readonly TranslationDump[];
  /** Only if asked for. */
  readonly others?: readonly OtherDump[];
  /** The other ends of the devices asked for; null: there is none in any living namespace. */
  readonly farEnds?: ReadonlyMap<number, FarEnd | null>;
}

/** A veth's other end, in whichever namespace. */
export interface FarEnd {
  readonly ifname: string;
  readonly alias: string;
}

export interface OvsPortDump {
  readonly dev: string;
  /** Whether it carries the lab's mark: others were added by the user. */
  readonly ours: boolean;
  /** Why Open vSwitch could not use the device; null: it could. */
  readonly error: string | null;
}

export interface OvsBridgeDump {
  readonly name: string;
  readonly datapath: 'system' | 'netdev';
  readonly mcastSnooping: boolean;
  /** Likewise. */
  readonly ours: boolean;
  /** Why its own device could not be made; null: it could. */
  readonly error: string | null;
  /** Without the bridge's own. */
  readonly ports: readonly OvsPortDump[];
}

/** The lab's Open vSwitch of one namespace. */
export interface OvsDump {
  readonly ns: NsId;
  readonly directory: string;
  /** Both daemons live, in the namespace that has the name now. */
  readonly running: boolean;
  /** What its database says; empty where no server answers. */
  readonly bridges: readonly OvsBridgeDump[];
}
