/** What workers observed in a namespace. */
import type { LinkNumbers } from '../net/link-numbers.ts';
import type { NsId } from '../net/ns-id.ts';
import type { Netem } from '../topology/values.ts';
import type { OpFailure } from './failure.ts';

export interface TunnelDump {
  readonly vni: number | null;
  readonly remote: string;
  readonly dstPort: number | null;
  /** The tunnel's own address. Absent: the kernel takes that of the route. */
  readonly local?: string;
  /** The addresses of the remote ends of a vxlan without a remote of its own. Absent: none, or not requested. */
  readonly flood?: readonly string[];
  /** Whether each packet says where it goes, as those of a trunk (`external`). Absent: it does not. */
  readonly isExternal?: true;
  /** The VNIs that a trunk hears, as ranges `[first, last]` (`vnifilter`). Absent: the device is no trunk. */
  readonly vnis?: readonly (readonly [number, number])[];
}

/** Where a trunk sends what one port receives. */
export interface TrunkOut {
  /** Index of the port. */
  readonly port: number;
  readonly vni: number;
  /** Addresses of the other host and of this one, in canonical form. `local` null: that of the route to the remote. */
  readonly remote: string;
  readonly local: string | null;
  /** Index of the trunk. */
  readonly trunk: number;
}

/** The program of a trunk and its maps. */
export interface TrunkDump {
  /** The kernel's id of the program, and the name of its filter. null: there is none. */
  readonly program: { readonly id: number; readonly name: string } | null;
  readonly out: readonly TrunkOut[];
  /** Which port, by its index, gets what has this VNI. */
  readonly in: readonly { readonly vni: number; readonly port: number }[];
}

export interface LinkDump {
  readonly ifindex: number;
  readonly ifname: string;
  /** `veth`, `bridge`, `dummy`…; '' if the device has no kind (`lo`, hardware). */
  readonly kind: string;
  readonly group: number;
  readonly alias: string;
  readonly mac: string;
  readonly mtuBytes: number;
  /** IFF_UP. */
  readonly up: boolean;
  /** `UP`, `DOWN`, `LOWERLAYERDOWN`, `UNKNOWN`…, as `ip -json` prints it. */
  readonly operstate: string;
  /** Index of the bridge that the device is a port of. 0: none. */
  readonly master: number;
  /** IFLA_LINK: the index of the peer or parent. 0: none. */
  readonly peerIndex: number;
  /** IFLA_LINK_NETNSID. -1: the other end is in the same namespace, or there is none. */
  readonly peerNsid: number;
  readonly txQueues: number;
  readonly numbers: LinkNumbers;
  /** Mode and id of vlan, macvlan, ipvlan and the like. null: the type has none. */
  readonly mode: string | null;
  readonly vlanId: number | null;
  /**
   * Properties of a tunnel. null: the device is none. `remote` is '' if the tunnel has no remote of its own; `dstPort`
   * is null if it uses no ports.
   */
  readonly tunnel: TunnelDump | null;
  /**
   * Those requested features that the device has, and whether they are on. null: none were requested, or the device is
   * not linkloom's.
   */
  readonly offloads: Readonly<Record<string, boolean>> | null;
  /** Kind of the root qdisc: `noqueue`, `netem`… */
  readonly qdisc: string;
  /** The netem at the device's root, and the qdisc's handle. null: the root qdisc is another, or it was not requested. */
  readonly netem: { readonly handle: number; readonly netem: Netem } | null;
  /** The token bucket at the device's root. null: the root qdisc is another, or it was not requested. */
  readonly tbf: { readonly handle: number; readonly rateBitsPerSec: number; readonly burstBytes: number } | null;
  /**
   * Index of the device that received packets are redirected to (0: that device is gone). null: there is no
   * redirection, or it was not requested.
   */
  readonly redirect: number | null;
  /** The id of the program that received packets are given to. null or absent: there is none, or it was not requested. */
  readonly program?: number | null;
  /** Of a trunk. Absent: the device is none, or it was not requested. */
  readonly trunk?: TrunkDump;
  /** Present only if requested. */
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
  /** The address as a canonical prefix. */
  readonly address: string;
  /** IFA_PROTO. 0: the kernel does not report it. */
  readonly protocol: number;
  readonly scope: 'global' | 'site' | 'link' | 'host' | 'nowhere';
}

export interface RouteDump {
  /** Index of the route's device. null: the route has no device, or several. */
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

/** A foreign address or route, with everything that the kernel reports of it, so that it can be put back. */
export interface OtherDump {
  readonly what: 'address' | 'route';
  readonly family: 4 | 6;
  /** Indexes of the address's device, or of the route's devices: several for a multipath route. */
  readonly ifindexes: readonly number[];
  /** The address or the route's destination, as a canonical prefix. */
  readonly prefix: string;
  /** The route's source address. null: it has none. */
  readonly src: string | null;
  readonly mtuBytes: number | null;
  /** IFA_PROTO or `rtm_protocol`. */
  readonly protocol: number;
  /** The payload of the kernel's message, in hexadecimal. */
  readonly payload: string;
}

/** Linkloom's rules with one comment. */
export interface TranslationDump {
  readonly comment: string;
  readonly rules: number;
}

export interface NsDump {
  readonly ns: NsId;
  /** null: the namespace does not exist, or could not be read. */
  readonly inode: number | null;
  /**
   * The lab that made the namespace, from a note that no process in the namespace can write. null: not known, or the
   * namespace has no name.
   */
  readonly madeBy: string | null;
  /** Why an existing namespace could not be read. null: it could, or it does not exist. */
  readonly failure: OpFailure | null;
  readonly links: readonly LinkDump[];
  readonly addresses: readonly AddressDump[];
  readonly routes: readonly RouteDump[];
  readonly translations: readonly TranslationDump[];
  /** Present only if requested. */
  readonly others?: readonly OtherDump[];
  /** The other ends of the requested devices. null: the other end is in no living namespace. */
  readonly farEnds?: ReadonlyMap<number, FarEnd | null>;
}

/** The other end of a veth, in whichever namespace it is. */
export interface FarEnd {
  readonly ifname: string;
  readonly alias: string;
}

export interface OvsPortDump {
  readonly dev: string;
  /** Whether the port carries the lab's mark. The user added the other ports. */
  readonly ours: boolean;
  /** Why Open vSwitch could not use the device. null: it could. */
  readonly error: string | null;
}

export interface OvsBridgeDump {
  readonly name: string;
  readonly datapath: 'system' | 'netdev';
  readonly mcastSnooping: boolean;
  /** Whether the bridge carries the lab's mark. */
  readonly ours: boolean;
  /** Why Open vSwitch could not make the bridge's device. null: it could. */
  readonly error: string | null;
  /** The bridge's ports, without its own internal port. */
  readonly ports: readonly OvsPortDump[];
}

/** Why an Open vSwitch can't be used: a daemon does not run, or the switch serves another namespace. */
export type OvsFault = 'no-server' | 'no-switch' | 'elsewhere';

/** The lab's Open vSwitch in one namespace, or the host's own. */
export interface OvsDump {
  /** The host's own. Absent: the lab's. */
  readonly isSystem?: boolean;
  readonly ns: NsId;
  readonly directory: string;
  /** null: both daemons run, in the namespace that has the name now. */
  readonly fault: OvsFault | null;
  /** The bridges in its database. Empty if no server answers. */
  readonly bridges: readonly OvsBridgeDump[];
}
