/** Ops on the switch side: Linux bridges, Open vSwitch bridges, their ports, and tunnels. */
import type { NsId } from '../../net/ns-id.ts';
import type { TunnelSpec } from '../../topology/topology.ts';
import type { DeviceRef } from '../device-ref.ts';
import type { OpBase } from './base.ts';

/** Make a Linux bridge and leave it down. It is set up after all ports of the job, so that it forwards nothing before. */
export interface BridgeAdd extends OpBase {
  readonly op: 'bridge.add';
  readonly dev: string;
  /** The index to ask for. It was free when observed. null: the kernel chooses. */
  readonly ifindex: number | null;
  readonly group: number;
  readonly alias: string;
  readonly mcastSnooping: boolean;
  /**
   * false: no port gets a VLAN of its own (IFLA_BR_VLAN_DEFAULT_PVID 0), which costs up to 15 % of a bridge where the module 8021q
   * is loaded, and says nothing as long as the bridge does not filter VLANs.
   */
  readonly vlans: boolean;
  /** true: the bridge is set up by its own message after the job's ports. false: a `group.set` follows. */
  readonly raise: boolean;
}

/** Mark a bridge of the lab that exists, and set it up after the job's ports. */
export interface BridgeRaise extends OpBase {
  readonly op: 'bridge.raise';
  readonly dev: string;
  readonly ifindex: number;
  readonly alias: string;
}

/**
 * Attach a port to a bridge, or take it out of any bridge to be the end of a wire; mark it, and set it up, by its own
 * message or later by group. If that fails, the port is deleted, and its node end with it.
 */
export interface PortAttach extends OpBase {
  readonly op: 'port.attach';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  /** null: the MTU stays as it is. */
  readonly mtuBytes: number | null;
  /** The bridge, in this namespace. null: the port is taken out of any bridge. */
  readonly master: { readonly dev: string; readonly ifindex: DeviceRef } | null;
  readonly alias: string;
  /** true: the port's own message sets it up. false: a `group.set` follows. */
  readonly raise: boolean;
}

/**
 * Make a tunnel's device in this namespace and leave it down. Its packets leave from the namespace `underlay`, whose
 * sockets and routes it keeps using. A `port.attach` or `ovs.port` follows.
 */
export interface TunnelAdd extends OpBase {
  readonly op: 'tunnel.add';
  readonly type: TunnelSpec['type'];
  /** The kernel's name for the type of device (IFLA_INFO_KIND). */
  readonly kind: string;
  readonly dev: string;
  /** The index to ask for. It is free in both namespaces. null: the kernel chooses. */
  readonly ifindex: number | null;
  readonly group: number;
  readonly vni: number;
  /** The remote end's address, in canonical form. With `isFlooding`, one of the addresses of the `tunnel.flood` that follows. */
  readonly remote: string;
  /** The device gets no remote of its own. */
  readonly isFlooding: boolean;
  /** The tunnel's own address. null: the kernel takes that of the route to the remote. */
  readonly local: string | null;
  /** The UDP port. null: the protocol has none. */
  readonly dstPort: number | null;
  readonly underlay: NsId;
}

/** Change to which remote ends a vxlan sends what is for everybody: addresses. */
export interface TunnelFlood extends OpBase {
  readonly op: 'tunnel.flood';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  readonly add: readonly string[];
  readonly del: readonly string[];
}

/**
 * Make a trunk in this namespace: a vxlan of which each packet says where it goes, with the program that says so and its maps; mark it
 * and set it up. It is made whole or not at all. `trunk.tie` adds the wires.
 */
export interface TrunkAdd extends OpBase {
  readonly op: 'trunk.add';
  readonly dev: string;
  /** As in TunnelAdd. */
  readonly ifindex: number | null;
  readonly group: number;
  readonly alias: string;
  readonly dstPort: number;
  /** The most wires that it can have. */
  readonly wiresMax: number;
  readonly underlay: NsId;
}

/**
 * Tie a port to a trunk: what it receives goes through the trunk to another host with a VNI, and what comes with the VNI goes to it. Both
 * directions are set anew. If that fails, the port is in no wire, and deleted if `undo` says so.
 */
export interface TrunkTie extends OpBase {
  readonly op: 'trunk.tie';
  /** The port. */
  readonly dev: string;
  readonly trunk: string;
  readonly vni: number;
  /** Addresses of the other host and of this one, in canonical form. */
  readonly remote: string;
  readonly local: string | null;
  /** Whether this plan makes the port, so that nothing is attached to it and it goes if it can't be tied. */
  readonly isNew: boolean;
}

/** Take entries out of a trunk which no wire has. Those that are gone are no failure, nor is a trunk that is gone. */
export interface TrunkCut extends OpBase {
  readonly op: 'trunk.cut';
  /** The trunk. */
  readonly dev: string;
  readonly ifindex: number;
  readonly vnis: readonly number[];
  /** Indexes of ports that are no more. */
  readonly ports: readonly number[];
}

/**
 * Set all devices of a group up, or down, at once. Valid only in a switch namespace in which no foreign device of that
 * group was observed.
 */
export interface GroupSet extends OpBase {
  readonly op: 'group.set';
  readonly group: number;
  readonly up: boolean;
}

/**
 * Start those daemons of the lab's Open vSwitch in this namespace that do not run: `ovsdb-server` and `ovs-vswitchd`.
 * All their files are in `directory`. If the database's server still runs, the database stays; otherwise it begins
 * empty.
 */
export interface OvsStart extends OpBase {
  readonly op: 'ovs.start';
  readonly directory: string;
  /** The lab, for the mark in the database. */
  readonly lab: string;
}

/** Stop the daemons and remove their directory. Daemons and a directory that do not exist any more are no failure. */
export interface OvsStop extends OpBase {
  readonly op: 'ovs.stop';
  readonly directory: string;
  /** Whether to remove the datapath too. That is not needed if the namespace itself is removed. */
  readonly cleanup: boolean;
}

/**
 * Make an Open vSwitch bridge, or change an existing one to match; mark its device and set it up. All `ovs.bridge`,
 * `ovs.port` and `ovs.del` of a job are one transaction.
 */
export interface OvsBridge extends OpBase {
  readonly op: 'ovs.bridge';
  readonly directory: string;
  readonly dev: string;
  readonly datapath: 'system' | 'netdev';
  readonly group: number;
  readonly alias: string;
  readonly mcastSnooping: boolean;
}

/**
 * Put a device into an Open vSwitch bridge, mark it and set it up. If that fails, the device is deleted, as with
 * `port.attach`.
 */
export interface OvsPort extends OpBase {
  readonly op: 'ovs.port';
  readonly directory: string;
  readonly dev: string;
  readonly ifindex: DeviceRef;
  readonly bridge: string;
  readonly alias: string;
  /** null: the MTU stays as it is. */
  readonly mtuBytes: number | null;
  /** true: take the device out of its Linux bridge first. */
  readonly release: boolean;
  /** true: the port's own message sets it up. false: a `group.set` follows. */
  readonly raise: boolean;
}

/** Remove a bridge or a port from Open vSwitch. One that does not exist is no failure. The port's device stays. */
export interface OvsDel extends OpBase {
  readonly op: 'ovs.del';
  readonly directory: string;
  readonly what: 'bridge' | 'port';
  readonly dev: string;
}
