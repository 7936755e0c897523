/**
 * `ops/` has what a plan is made of and what workers carry out, by what it is about: plain data that can be sent to a thread.
 *
 * This file: network namespaces, and the devices in nodes.
 */
import type { LinkData } from '../../kinds/links/link-kinds.ts';
import type { LinkNumbers } from '../../net/link-numbers.ts';
import type { NamedNs } from '../../net/ns-id.ts';
import type { Route } from '../../topology/topology.ts';
import type { DeviceRef } from '../device-ref.ts';
import type { LinkMake } from '../make.ts';
import type { OpBase } from './base.ts';

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

/** Delete a device; already gone is no failure. */
export interface LinkDel extends OpBase {
  readonly op: 'link.del';
  readonly dev: string;
  readonly ifindex: DeviceRef;
  /** By what it was judged to be the lab's: a device that has other marks by now stays. `alias` null: it was not seen. */
  readonly seen: { readonly group: number | null; readonly alias: string | null };
}
