/** What a plan is made of and what workers carry out: one union of plain data that can be sent to a thread. */

import type { LinkData } from '../kinds/links/link-kinds.ts';
import type { LinkNumbers } from '../net/link-numbers.ts';
import type { NamedNs, NsId } from '../net/ns-id.ts';
import type { EthtoolSetting, Netem, Route, TunnelSpec } from '../topology/topology.ts';
import type { DeviceRef } from './device-ref.ts';
import type { LinkMake } from './make.ts';

interface OpBase {
  readonly ns: NsId;
  /** `NODE:DEV` of the link this serves, `tunnel DEV` of a tunnel, or null (bridges, namespaces). */
  readonly link: string | null;
  /** Why, for people: `missing`, `mtu 1500 → 9000`, `not in the configuration`. */
  readonly cause: string;
}

/** Make a named network namespace (unshare and bind mount), mark it on `lo`. */
export interface NetnsAdd extends OpBase {
  readonly op: 'netns.add';
  readonly ns: NamedNs;
  /** A `switch` namespace has IPv6 off; a `node` gets its `lo` raised. */
  readonly role: 'switch' | 'node';
  /** For `lo` (`IFLA_IFALIAS`). */
  readonly alias: string;
  /** Noted as who made it. */
  readonly lab: string;
}

/**
 * Take leave of a named namespace, after another look at who is in it. If no other lab is, it is unmounted and unlinked, and the
 * kernel takes what is in it; else it stays, and its mark says that its maker has gone. Where this lab still has devices beside
 * another's: E_NODE_CHANGED, and nothing is done.
 */
export interface NetnsDel extends OpBase {
  readonly op: 'netns.del';
  readonly ns: NamedNs;
  /** The lab that goes. */
  readonly lab: string;
  /** A `switch` namespace is one lab's alone. */
  readonly role: 'switch' | 'node';
  /** Whether other labs were seen in it. */
  readonly shared: boolean;
}

/** What is set on a device beside its creation. `null` fields are left alone. */
export interface DeviceSettings {
  readonly mac: string | null;
  readonly mtuBytes: number | null;
  readonly up: boolean | null;
  readonly alias: string | null;
  readonly group: number | null;
  readonly numbers: LinkNumbers;
  readonly txChecksumOff: boolean;
}

/** Create a device in a node, with its addresses and routes; undone whole if any part fails. */
export interface LinkAdd extends OpBase {
  readonly op: 'link.add';
  readonly make: LinkMake;
  readonly dev: string;
  /** The index to ask for, free when looked, also in the parent's namespace; null: the kernel's choice. */
  readonly ifindex: number | null;
  readonly settings: DeviceSettings;
  readonly queues: number;
  readonly addresses: readonly string[];
  readonly routes: readonly Route[];
}

/**
 * Change a device that exists, and give it addresses; also finishes the peer of a direct link. What is to be added and is
 * there already is no failure, if it is ours and the same.
 */
export interface LinkSet extends OpBase {
  readonly op: 'link.set';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  readonly settings: DeviceSettings;
  readonly addAddresses: readonly string[];
  /** Of a device that this plan made. */
  readonly addRoutes: readonly Route[];
  /** What the kernel is told of its kind; null: that is left as it is. */
  readonly data: LinkData | null;
}

/** An address or a route that linkloom did not make, to be made again as it was. */
export interface Saved {
  /** For people: `10.9.0.0/16`. */
  readonly prefix: string;
  /** The payload of the kernel's message about it, in hexadecimal. */
  readonly payload: string;
  /** The devices in it, which may have other indexes by now. */
  readonly devices: readonly { readonly ifindex: number; readonly dev: string }[];
  /** It is there, but not as it was: it is replaced. */
  readonly isAltered: boolean;
}

/** Take routes and addresses away, before anything of the plan is given to the namespace. What is gone already is no failure. */
export interface IpDel extends OpBase {
  readonly op: 'ip.del';
  /** '' for routes that leave by no device. */
  readonly dev: string;
  /** 0: no device. */
  readonly ifindex: number;
  readonly routes: readonly Route[];
  readonly addresses: readonly string[];
  /** What is not linkloom's and would not stay as it is: it follows in an `ip.restore`. */
  readonly otherAddresses: readonly Saved[];
}

/** Give a node routes once all its devices and addresses are there. There already is no failure, if it is ours and the same. */
export interface IpAdd extends OpBase {
  readonly op: 'ip.add';
  /** What a route without a device of its own leaves by. */
  readonly dev: string;
  readonly ifindex: DeviceRef;
  readonly routes: readonly Route[];
}

/** Put back what the plan's changes took along and linkloom did not make, as far as it can still be. */
export interface IpRestore extends OpBase {
  readonly op: 'ip.restore';
  readonly addresses: readonly Saved[];
  readonly routes: readonly Saved[];
}

/** Delete a device; already gone is no failure. */
export interface LinkDel extends OpBase {
  readonly op: 'link.del';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  /** By what it was judged to be the lab's: a device that has other marks by now stays. `alias` null: it was not seen. */
  readonly seen: { readonly group: number | null; readonly alias: string | null };
}

/** Make a Linux bridge, down. It is raised after all ports of the job, so that it forwards nothing meanwhile. */
export interface BridgeAdd extends OpBase {
  readonly op: 'bridge.add';
  readonly dev: string;
  /** The index to ask for, free when looked; null: the kernel's choice. */
  readonly ifindex: number | null;
  readonly group: number;
  readonly alias: string;
  readonly mcastSnooping: boolean;
  /** true: raised with a message of its own after the job's ports; false: a `group.set` follows. */
  readonly raise: boolean;
}

/** Mark a bridge of ours that exists, and raise it after the job's ports. */
export interface BridgeRaise extends OpBase {
  readonly op: 'bridge.raise';
  readonly dev: string;
  readonly ifindex: number;
  readonly alias: string;
}

/** Put a port into a bridge (or out of any, as the end of a wire), mark it, and raise it (singly or later by group). If that fails, the port is deleted, and with it the node end. */
export interface PortAttach extends OpBase {
  readonly op: 'port.attach';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  /** null: leave it. */
  readonly mtuBytes: number | null;
  /** The bridge, in this namespace; null: it is taken out of any. */
  readonly master: { readonly dev: string; readonly ifindex: DeviceRef } | null;
  readonly alias: string;
  /** true: raise with the port's own message; false: a `group.set` follows. */
  readonly raise: boolean;
}

/**
 * Make a tunnel's device, down, in this namespace; its packets leave from the namespace `underlay`, whose sockets and
 * routes it keeps using. A `port.attach` or `ovs.port` follows.
 */
export interface TunnelAdd extends OpBase {
  readonly op: 'tunnel.add';
  readonly type: TunnelSpec['type'];
  /** The kernel's word for such a device (IFLA_INFO_KIND). */
  readonly kind: string;
  readonly dev: string;
  /** The index to ask for, free in both namespaces; null: the kernel's choice. */
  readonly ifindex: number | null;
  readonly group: number;
  readonly vni: number;
  /** Canonical address. */
  readonly remote: string;
  /** Of UDP; null: the protocol has none. */
  readonly dstPort: number | null;
  readonly underlay: NsId;
}

/** Raise all devices of a group at once, or set them down. Only inside a switch namespace whose dump showed no foreign device of that group. */
export interface GroupSet extends OpBase {
  readonly op: 'group.set';
  readonly group: number;
  readonly up: boolean;
}

/**
 * Impair what leaves a device (netem at its root), or no longer. A netem of ours is changed in place and keeps the packets
 * it holds; anything else at the root is replaced.
 */
export interface QdiscNetem extends OpBase {
  readonly op: 'qdisc.netem';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  /** null: the kernel's own default again. */
  readonly netem: Netem | null;
  /** Of the qdisc that is to go; null: whichever there is. */
  readonly handle: number | null;
  /** The device was made by this plan: it goes if it can't be impaired. */
  readonly undo: boolean;
  /** Likewise, on a parent, after all others. */
  readonly stacked: boolean;
}

/**
 * Tie two devices of a namespace together: whatever one receives leaves by the other, both ways. Takes the place of an
 * earlier tie of either.
 */
export interface WirePatch extends OpBase {
  readonly op: 'wire.patch';
  /** The link at the other end, which fails with this one. */
  readonly otherLink: string;
  readonly devA: string;
  readonly devB: string;
  /** Those of the two that were made by this plan: they go if they can't be tied. */
  readonly undo: readonly string[];
}

/** Untie a device from what it is tied to: what it receives is its own again. */
export interface WireCut extends OpBase {
  readonly op: 'wire.cut';
  readonly dev: string;
  readonly ifindex: number;
}

/**
 * Start the lab's own Open vSwitch of this namespace, as far as it does not run: `ovsdb-server` and `ovs-vswitchd`, whose files
 * are all in `directory`. A database whose server still runs is kept; else it begins empty.
 */
export interface OvsStart extends OpBase {
  readonly op: 'ovs.start';
  readonly directory: string;
  /** For the database's own mark. */
  readonly lab: string;
}

/** End its daemons and remove its directory; not there any more is no failure. */
export interface OvsStop extends OpBase {
  readonly op: 'ovs.stop';
  readonly directory: string;
  /** Have the datapath taken apart: not needed where the namespace goes anyway. */
  readonly cleanup: boolean;
}

/** Make an Open vSwitch bridge, or bring one to this; mark and raise its device. All `ovs.bridge`, `ovs.port` and `ovs.del` of a job are one transaction. */
export interface OvsBridge extends OpBase {
  readonly op: 'ovs.bridge';
  readonly directory: string;
  readonly dev: string;
  readonly datapath: 'system' | 'netdev';
  readonly group: number;
  readonly alias: string;
  readonly mcastSnooping: boolean;
}

/** Put a device into an Open vSwitch bridge, mark and raise it. If that fails, the device is deleted, as with `port.attach`. */
export interface OvsPort extends OpBase {
  readonly op: 'ovs.port';
  readonly directory: string;
  readonly dev: string;
  readonly ifindex: DeviceRef;
  readonly bridge: string;
  readonly alias: string;
  /** null: leave it. */
  readonly mtuBytes: number | null;
  /** true: take it out of the Linux bridge that it is in. */
  readonly release: boolean;
  /** true: raise with the port's own message; false: a `group.set` follows. */
  readonly raise: boolean;
}

/** Take a bridge or a port out of Open vSwitch; not there is no failure. The port's device stays. */
export interface OvsDel extends OpBase {
  readonly op: 'ovs.del';
  readonly directory: string;
  readonly what: 'bridge' | 'port';
  readonly dev: string;
}

/** What arrives by a device is sent on to `to`; what leaves by it comes from `from`. Both of one family. */
export interface NatTranslation {
  readonly kind: 'nat';
  readonly dev: string;
  readonly to: string;
  readonly from: string;
}

/** A published port: what arrives by `uplink` for `outerPort` goes to `to` (IPv4) and `innerPort` by way of `bridge`, with the sender's address exchanged for our own there. */
export interface ForwardTranslation {
  readonly kind: 'forward';
  readonly uplink: string;
  readonly bridge: string;
  readonly protocol: 'tcp' | 'udp';
  readonly outerPort: number;
  readonly to: string;
  readonly innerPort: number;
}

export type Translation = NatTranslation | ForwardTranslation;

/**
 * Change the address translation of a namespace. Each translation is two rules under one comment (see net/rule-mark.ts);
 * those that are added take the place of any with the same comment. All of a job are one transaction.
 */
export interface NatSet extends OpBase {
  readonly op: 'nat.set';
  readonly lab: string;
  readonly add: readonly { readonly comment: string; readonly translation: Translation }[];
  /** Comments; without a rule is no failure. */
  readonly del: readonly string[];
}

/** Add routes through a device that is no node's, or take some away; there already, or gone already (with the device, too), is no failure. */
export interface RouteSet extends OpBase {
  readonly op: 'route.set';
  readonly dev: string;
  readonly add: readonly Route[];
  readonly del: readonly Route[];
}

/** Set features of a device, in order. */
export interface EthtoolSet extends OpBase {
  readonly op: 'ethtool.set';
  readonly dev: string;
  readonly settings: readonly EthtoolSetting[];
}

/** Rename a device of linkloom's own namespace that is not the lab's, and mark it; its addresses and routes stay. */
export interface UplinkRename extends OpBase {
  readonly op: 'uplink.rename';
  readonly dev: string;
  readonly ifindex: number;
  readonly to: string;
  /** '': no mark. */
  readonly alias: string;
}

export type Op =
  | NetnsAdd
  | NetnsDel
  | LinkAdd
  | LinkSet
  | LinkDel
  | IpDel
  | IpAdd
  | IpRestore
  | BridgeAdd
  | BridgeRaise
  | PortAttach
  | TunnelAdd
  | GroupSet
  | QdiscNetem
  | WirePatch
  | WireCut
  | OvsStart
  | OvsStop
  | OvsBridge
  | OvsPort
  | OvsDel
  | NatSet
  | RouteSet
  | EthtoolSet
  | UplinkRename;

export type OpName = Op['op'];
