/**
 * `rtnl/` is the kernel's network objects as rtnetlink messages (rtnetlink(7)): one kind of object per file, a function
 * per message. They write into a batch or read from bytes; who sends what, and what follows a refusal, is decided elsewhere.
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

/** What a new link refers to outside its namespace, resolved. */
export interface Outside {
  /** Descriptor of the namespace that the veth's other end is for; null: the message is sent in that namespace, or the link is no veth. */
  readonly peerFd: number | null;
  /** Index of the parent; null: the link has none. */
  readonly parentIndex: number | null;
  /**
   * Descriptor of the namespace that the link is for, where the message is sent in another, its parent's; null: it is sent
   * where the link is to be. So the device is made in its place with its final name at once; with IFLA_LINK_NETNSID
   * instead, sent in its own namespace, older kernels make it among its parent's devices first, under that name.
   */
  readonly targetFd: number | null;
}

/** What RTM_NEWLINK sets on a device that exists; null is left alone. */
export interface LinkChange {
  readonly mac: string | null;
  readonly mtuBytes: number | null;
  readonly group: number | null;
  readonly alias: string | null;
  readonly up: boolean | null;
  readonly numbers: LinkNumbers;
}

/** The change that changes nothing: what others are made from. */
export const UNCHANGED: LinkChange = { mac: null, mtuBytes: null, group: null, alias: null, up: null, numbers: {} };

/** By index, by name, or by the group number that all of them have. */
export type LinkKey = { readonly ifindex: number } | { readonly ifname: string } | { readonly group: number };

/** RTM_NEWLINK that creates a link whole: name, MAC, MTU, group, queues, peer or parent, up. `ifindex` null: the kernel's choice. */
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

/** RTM_NEWLINK that creates a bridge, down. Without multicast snooping each bridge that comes up costs the same, however many there are. */
export function createBridge(batch: MessageBatch, op: BridgeAdd, ifindex: number | null): void {
  batch.begin(nl.RTM_NEWLINK, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  header(batch, ifindex ?? 0, 0, 0);
  batch.attrText(nl.IFLA_IFNAME, op.dev);
  batch.attrU32(nl.IFLA_GROUP, op.group);
  const info = batch.nest(nl.IFLA_LINKINFO);
  batch.attrText(nl.IFLA_INFO_KIND, 'bridge');
  const data = batch.nest(nl.IFLA_INFO_DATA);
  batch.attrU8(nl.IFLA_BR_MCAST_SNOOPING, op.mcastSnooping ? 1 : 0);
  batch.nestEnd(data);
  batch.nestEnd(info);
  batch.end();
}

/** RTM_NEWLINK that changes what exists. With a group as key it changes all of that group under one hold of the lock. */
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

/** RTM_NEWLINK that gives a device another name. Before Linux 6.2 only one that is down takes it (EBUSY). */
export function renameLink(batch: MessageBatch, ifindex: number, ifname: string): void {
  batch.begin(nl.RTM_NEWLINK, 0);
  header(batch, ifindex, 0, 0);
  batch.attrText(nl.IFLA_IFNAME, ifname);
  batch.end();
}

/** What RTM_NEWLINK does to a port beside making it one. */
export interface PortChange {
  /** Index of the bridge; `none`: out of the one it is in; null: left alone. */
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

/** RTM_DELLINK. With a group as key it deletes all of that group in one wait of the kernel's. */
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

/** RTM_GETLINK for one link in the namespace that the socket's knows by this id. */
export function getLinkElsewhere(batch: MessageBatch, ifindex: number, nsid: number): void {
  batch.begin(nl.RTM_GETLINK, 0);
  header(batch, ifindex, 0, 0);
  batch.attrU32(nl.IFLA_TARGET_NETNSID, nsid);
  batch.attrU32(nl.IFLA_EXT_MASK, nl.RTEXT_FILTER_SKIP_STATS);
  batch.end();
}

/** RTM_GETNSID or RTM_NEWNSID for the namespace of a descriptor; `nsid` -1 lets the kernel choose (linux/net_namespace.h). */
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

/** RTM_NEWLINK that changes what the kernel was told of a device's kind: the mode of a macvlan, ipvlan or their kin. */
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

/** The peer is made where it belongs and with its final name: nothing is moved or renamed. It can't be up yet (ENOTCONN). */
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

/** One queue each instead of one per possible CPU halves the cost of a veth; 0: the kernel's default. */
function queues(batch: MessageBatch, count: number): void {
  if (count === 0) return;
  batch.attrU32(nl.IFLA_NUM_TX_QUEUES, count);
  batch.attrU32(nl.IFLA_NUM_RX_QUEUES, count);
}
