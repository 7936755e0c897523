/** Ops on the switch side: bridges of Linux and of Open vSwitch, their ports, tunnels. */
import type { NsId } from '../../net/ns-id.ts';
import type { TunnelSpec } from '../../topology/topology.ts';
import type { DeviceRef } from '../device-ref.ts';
import type { OpBase } from './base.ts';

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
