/**
 * `ops/` defines the ops of a plan, by subject. Ops are plain data that can be sent to a thread.
 *
 * This file: network namespaces, and the devices in nodes.
 */
import type { LinkData } from '../../kinds/links/link-kinds.ts';
import type { LinkNumbers } from '../../net/link-numbers.ts';
import type { NamedNs } from '../../net/ns-id.ts';
import type { Route } from '../../topology/values.ts';
import type { DeviceRef } from '../device-ref.ts';
import type { LinkMake } from '../make.ts';
import type { OpBase } from './base.ts';

/** Make a named network namespace (unshare and bind mount), and mark it on its `lo`. */
export interface NetnsAdd extends OpBase {
  readonly op: 'netns.add';
  readonly ns: NamedNs;
  /** A `switch` namespace has IPv6 switched off. The `lo` of a `node` is set up. */
  readonly role: 'switch' | 'node';
  /** The alias for `lo` (`IFLA_IFALIAS`). */
  readonly alias: string;
  /** The lab that is noted as the namespace's maker. */
  readonly lab: string;
}

/**
 * Give a named namespace up. The worker first looks again at which labs have devices in it. If no other lab has any, it
 * unmounts and unlinks the namespace, and the kernel removes what is in it. Otherwise the namespace stays, and its mark
 * notes that its maker has gone. If this lab still has devices beside another lab's, the op fails with E_NODE_CHANGED
 * and changes nothing.
 */
export interface NetnsDel extends OpBase {
  readonly op: 'netns.del';
  readonly ns: NamedNs;
  /** The lab that gives the namespace up. */
  readonly lab: string;
  /** A `switch` namespace is never shared with other labs. */
  readonly role: 'switch' | 'node';
  /** Whether devices of other labs were observed in it. */
  readonly shared: boolean;
}

/** Settings of a device besides its creation. A field that is `null` is left as it is. */
export interface DeviceSettings {
  readonly mac: string | null;
  readonly mtuBytes: number | null;
  readonly up: boolean | null;
  readonly alias: string | null;
  readonly group: number | null;
  readonly numbers: LinkNumbers;
  readonly txChecksumOff: boolean;
}

/**
 * The address that the kernel would make from the MAC of a device with IPv6 addresses, and look for duplicates of for 1 to 2
 * seconds. A router asks for neighbours from it (ndisc_send_ns), so until then it forwards no IPv6 packet.
 */
export interface LinkLocal {
  readonly prefix: string;
  /** Whether the device has carried before, so that the kernel may have begun. */
  readonly isBegun: boolean;
}

/** Make a device in a node, with its addresses and routes. If any part fails, everything is undone. */
export interface LinkAdd extends OpBase {
  readonly op: 'link.add';
  readonly make: LinkMake;
  readonly dev: string;
  /** The index to ask for. It was free when observed, in the parent's namespace too. null: the kernel chooses. */
  readonly ifindex: number | null;
  readonly settings: DeviceSettings;
  readonly queues: number;
  readonly addresses: readonly string[];
  /** Absent: the kernel makes it. */
  readonly linkLocal?: LinkLocal;
  readonly routes: readonly Route[];
}

/**
 * Change a device that exists, and add addresses to it. This op also completes the peer of a direct link. What exists
 * already is no failure, if it is linkloom's and the same.
 */
export interface LinkSet extends OpBase {
  readonly op: 'link.set';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  readonly settings: DeviceSettings;
  readonly addAddresses: readonly string[];
  /** Absent: the kernel makes it. */
  readonly linkLocal?: LinkLocal;
  /** Routes of a device that this plan made. */
  readonly addRoutes: readonly Route[];
  /** Settings that only devices of this type have. null: they stay as they are. */
  readonly data: LinkData | null;
  /** The name of the wire that the device is an end of. Of a device that is set down: where both ends are, they are one after the other. */
  readonly wire?: string;
}

/** Delete a device. A device that does not exist any more is no failure. */
export interface LinkDel extends OpBase {
  readonly op: 'link.del';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  /**
   * The group and alias that showed the device to be the lab's. If they differ by now, the device stays. `alias` is
   * null if it was not observed.
   */
  readonly seen: { readonly group: number | null; readonly alias: string | null };
  /** Whether the device is a Linux bridge, which takes many kernels longest to delete. */
  readonly isBridge: boolean;
}
