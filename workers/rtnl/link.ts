/**
 * `rtnl/` writes and reads the kernel's network objects as rtnetlink messages (rtnetlink(7)): one kind of object per file,
 * one function per message. A function writes into a batch or reads from bytes. `ops/` and `tasks/` send the batches and
 * decide what follows when the kernel refuses a message.
 */

import type { LinkData } from '../../src/kinds/links/link-kinds.ts';
import { LINK_NUMBERS, type LinkNumbers } from '../../src/net/link-numbers.ts';
import { macBytes } from '../../src/net/mac.ts';
import { type PeerEnd, peerOf } from '../../src/wire/make.ts';
import type { LinkAdd } from '../../src/wire/ops/links.ts';
import type { BridgeAdd } from '../../src/wire/ops/switch.ts';
import * as nl from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { writeLinkData } from './link-data.ts';

/** What a new link refers to outside its own namespace, as descriptors and indexes. */
export interface Outside {
  /** Descriptor of the namespace for the veth's peer. Null: the message is sent in that namespace, or the link is not a veth. */
  readonly peerFd: number | null;
  /** Index of the parent; null: the link has none. */
  readonly parentIndex: number | null;
  /**
   * Descriptor of the link's namespace, if the message is sent in the namespace of its parent. Null: the message is sent in
   * the link's own namespace. This way the kernel creates the device in the right namespace under its final name. The other
   * way is to send in the link's namespace with IFLA_LINK_NETNSID; older kernels then first create the device under that
   * name in the namespace of the parent.
   */
  readonly targetFd: number | null;
}

/** What RTM_NEWLINK sets on a device that exists. A field that is null stays as it is. */
export interface LinkChange {
  readonly mac: string | null;
  readonly mtuBytes: number | null;
  readonly group: number | null;
  readonly alias: string | null;
  readonly up: boolean | null;
  readonly numbers: LinkNumbers;
}

/** A change that sets nothing. Others are made from it by naming only the fields to set. */
export const UNCHANGED: LinkChange = { mac: null, mtuBytes: null, group: null, alias: null, up: null, numbers: {} };

/** Names one device by its index or its name, or all devices of a group by its number. */
export type LinkKey = { readonly ifindex: number } | { readonly ifname: string } | { readonly group: number };

/**
 * RTM_NEWLINK that creates a link, up, with its name, MAC address, MTU, group, queues, and its peer or parent. `ifindex`
 * null: the kernel chooses the index.
 */
export function createLink(batch: MessageBatch, op: LinkAdd, ifindex: number | null, outside: Outside): void {
  const { settings } = op;
  batch.begin(nl.RTM_NEWLINK, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  const up = settings.up === true ? nl.IFF_UP : 0;
  header(batch, ifindex ?? 0, up, up);
  batch.attrText(nl.IFLA_IFNAME, op.dev);
  if (settings.mac !== null) batch.attrBytes(nl.IFLA_ADDRESS, macBytes(settings.mac));
  if (settings.mtuBytes !== null) batch.attrU32(nl.IFLA_MTU, settings.mtuBytes);
  if (settings.group !== null) batch.attrU32(nl.IFLA_GROUP, settings.group);
  writeNumbers(batch, settings.numbers);
  queues(batch, op.queues);
  if (outside.parentIndex !== null) batch.attrU32(nl.IFLA_LINK, outside.parentIndex);
  if (outside.targetFd !== null) batch.attrU32(nl.IFLA_NET_NS_FD, outside.targetFd);
  const info = batch.nest(nl.IFLA_LINKINFO);
  batch.attrText(nl.IFLA_INFO_KIND, op.make.type);
  const data = batch.nest(nl.IFLA_INFO_DATA);
  writeLinkData(batch, op.make);
  const peer = peerOf(op);
  if (peer) writePeer(batch, peer, op.queues, outside.peerFd);
  batch.nestEnd(data);
  batch.nestEnd(info);
  batch.end();
}

/**
 * RTM_NEWLINK that creates a bridge, down. Multicast snooping is off: with it, raising a bridge takes longer the more
 * bridges there are.
 */
export function createBridge(batch: MessageBatch, op: BridgeAdd, ifindex: number | null): void {
  batch.begin(nl.RTM_NEWLINK, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  header(batch, ifindex ?? 0, 0, 0);
  batch.attrText(nl.IFLA_IFNAME, op.dev);
  batch.attrU32(nl.IFLA_GROUP, op.group);
  const info = batch.nest(nl.IFLA_LINKINFO);
  batch.attrText(nl.IFLA_INFO_KIND, 'bridge');
  const data = batch.nest(nl.IFLA_INFO_DATA);
  batch.attrU8(nl.IFLA_BR_MCAST_SNOOPING, op.mcastSnooping ? 1 : 0);
  if (!op.vlans) batch.attrU16(nl.IFLA_BR_VLAN_DEFAULT_PVID, 0);
  batch.nestEnd(data);
  batch.nestEnd(info);
  batch.end();
}

/** RTM_NEWLINK that changes a device. A group as key changes all devices of the group while the kernel holds its lock once. */
export function changeLink(batch: MessageBatch, key: LinkKey, change: LinkChange): void {
  batch.begin(nl.RTM_NEWLINK, 0);
  header(
    batch,
    'ifindex' in key ? key.ifindex : 0,
    change.up === true ? nl.IFF_UP : 0,
    change.up === null ? 0 : nl.IFF_UP,
  );
  keyAttribute(batch, key);
  if (change.mac !== null) batch.attrBytes(nl.IFLA_ADDRESS, macBytes(change.mac));
  if (change.mtuBytes !== null) batch.attrU32(nl.IFLA_MTU, change.mtuBytes);
  if (change.group !== null) batch.attrU32(nl.IFLA_GROUP, change.group);
  if (change.alias !== null) batch.attrText(nl.IFLA_IFALIAS, change.alias);
  writeNumbers(batch, change.numbers);
  batch.end();
}

/** RTM_NEWLINK that renames a device. Before Linux 6.2 the kernel refuses this with EBUSY while the device is up. */
export function renameLink(batch: MessageBatch, ifindex: number, ifname: string): void {
  batch.begin(nl.RTM_NEWLINK, 0);
  header(batch, ifindex, 0, 0);
  batch.attrText(nl.IFLA_IFNAME, ifname);
  batch.end();
}

/** What RTM_NEWLINK sets on a device that becomes, is, or was a port of a bridge. */
export interface PortChange {
  /** Index of the bridge. `none`: the device leaves its bridge. Null: its bridge stays as it is. */
  readonly master: number | 'none' | null;
  readonly alias: string;
  readonly mtuBytes: number | null;
  readonly raise: boolean;
}

/**
 * RTM_NEWLINK that puts a device into a bridge and marks it, in one message. `noLinkLocal` keeps the kernel from giving the port a
 * link-local address (`IFLA_INET6_ADDR_GEN_MODE`, refused where the kernel has no IPv6).
 */
export function attachPort(batch: MessageBatch, key: LinkKey, change: PortChange, noLinkLocal: boolean): void {
  batch.begin(nl.RTM_NEWLINK, 0);
  const up = change.raise ? nl.IFF_UP : 0;
  header(batch, 'ifindex' in key ? key.ifindex : 0, up, up);
  keyAttribute(batch, key);
  if (change.mtuBytes !== null) batch.attrU32(nl.IFLA_MTU, change.mtuBytes);
  if (change.master !== null) batch.attrU32(nl.IFLA_MASTER, change.master === 'none' ? 0 : change.master);
  batch.attrText(nl.IFLA_IFALIAS, change.alias);
  if (noLinkLocal) {
    const families = batch.nest(nl.IFLA_AF_SPEC);
    const inet6 = batch.nest(nl.AF_INET6);
    batch.attrU8(nl.IFLA_INET6_ADDR_GEN_MODE, nl.IN6_ADDR_GEN_MODE_NONE);
    batch.nestEnd(inet6);
    batch.nestEnd(families);
  }
  batch.end();
}

/** RTM_DELLINK. A group as key deletes all devices of the group, and the kernel waits for a grace period only once. */
export function deleteLink(batch: MessageBatch, key: LinkKey): void {
  batch.begin(nl.RTM_DELLINK, 0);
  header(batch, 'ifindex' in key ? key.ifindex : 0, 0, 0);
  keyAttribute(batch, key);
  batch.end();
}

/** RTM_GETLINK for one device. */
export function getLink(batch: MessageBatch, key: { readonly ifindex: number } | { readonly ifname: string }): void {
  batch.begin(nl.RTM_GETLINK, 0);
  header(batch, 'ifindex' in key ? key.ifindex : 0, 0, 0);
  keyAttribute(batch, key);
  batch.attrU32(nl.IFLA_EXT_MASK, nl.RTEXT_FILTER_SKIP_STATS);
  batch.end();
}

/** RTM_GETLINK for one link of another namespace. `nsid`: the id by which the socket's namespace knows that one. */
export function getLinkElsewhere(batch: MessageBatch, ifindex: number, nsid: number): void {
  batch.begin(nl.RTM_GETLINK, 0);
  header(batch, ifindex, 0, 0);
  batch.attrU32(nl.IFLA_TARGET_NETNSID, nsid);
  batch.attrU32(nl.IFLA_EXT_MASK, nl.RTEXT_FILTER_SKIP_STATS);
  batch.end();
}

/** RTM_GETNSID or RTM_NEWNSID for the namespace of a descriptor. `nsid` -1: the kernel chooses the id (linux/net_namespace.h). */
export function namespaceId(batch: MessageBatch, type: number, fd: number, nsid: number | null): void {
  batch.begin(type, 0);
  batch.u32(0);
  batch.attrU32(nl.NETNSA_FD, fd);
  if (nsid !== null) batch.attrU32(nl.NETNSA_NSID, nsid);
  batch.end();
}

function writeNumbers(batch: MessageBatch, numbers: LinkNumbers): void {
  for (const [name, { attribute }] of LINK_NUMBERS) {
    const value = numbers[name];
    if (value !== undefined) batch.attrU32(attribute, value);
  }
}

function keyAttribute(batch: MessageBatch, key: LinkKey): void {
  if ('ifname' in key) batch.attrText(nl.IFLA_IFNAME, key.ifname);
  if ('group' in key) batch.attrU32(nl.IFLA_GROUP, key.group);
}

/** RTM_NEWLINK that changes the settings of a device's own kind: the mode of a macvlan, macvtap, ipvlan or ipvtap. */
export function changeData(batch: MessageBatch, ifindex: number, data: LinkData): void {
  batch.begin(nl.RTM_NEWLINK, 0);
  header(batch, ifindex, 0, 0);
  const info = batch.nest(nl.IFLA_LINKINFO);
  batch.attrText(nl.IFLA_INFO_KIND, data.type);
  const nested = batch.nest(nl.IFLA_INFO_DATA);
  writeLinkData(batch, data);
  batch.nestEnd(nested);
  batch.nestEnd(info);
  batch.end();
}

/**
 * Writes the peer of a veth with its own namespace and its final name, so that it is never moved or renamed. The kernel
 * refuses a peer that is to be up (ENOTCONN).
 */
function writePeer(batch: MessageBatch, peer: PeerEnd, queueCount: number, fd: number | null): void {
  const nested = batch.nest(nl.VETH_INFO_PEER);
  header(batch, 0, 0, 0);
  batch.attrText(nl.IFLA_IFNAME, peer.dev);
  if (peer.mac !== null) batch.attrBytes(nl.IFLA_ADDRESS, macBytes(peer.mac));
  if (peer.mtuBytes !== null) batch.attrU32(nl.IFLA_MTU, peer.mtuBytes);
  batch.attrU32(nl.IFLA_GROUP, peer.group);
  queues(batch, queueCount);
  if (fd !== null) batch.attrU32(nl.IFLA_NET_NS_FD, fd);
  batch.nestEnd(nested);
}

/** struct ifinfomsg. */
export function header(batch: MessageBatch, ifindex: number, flags: number, change: number): void {
  batch.u32x4(0, ifindex, flags, change);
}

/** Sets the number of queues; 0: the kernel's default, one per possible CPU. One queue halves the cost of creating a veth. */
function queues(batch: MessageBatch, count: number): void {
  if (count === 0) return;
  batch.attrU32(nl.IFLA_NUM_TX_QUEUES, count);
  batch.attrU32(nl.IFLA_NUM_RX_QUEUES, count);
}
