import { addressBytes, addressText } from '../../src/net/address.ts';
import type { TunnelAdd } from '../../src/wire/op.ts';
import type { LinkDump } from '../../src/wire/seen.ts';
import { attrU32, eachAttribute } from '../netlink/attributes.ts';
import * as nl from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { header } from './link.ts';

interface Attributes {
  readonly id: number;
  readonly remote: number;
  readonly remote6: number;
  readonly port: number;
}

const ATTRIBUTES: Readonly<Record<string, Attributes>> = {
  vxlan: {
    id: nl.IFLA_VXLAN_ID,
    remote: nl.IFLA_VXLAN_GROUP,
    remote6: nl.IFLA_VXLAN_GROUP6,
    port: nl.IFLA_VXLAN_PORT,
  },
  geneve: {
    id: nl.IFLA_GENEVE_ID,
    remote: nl.IFLA_GENEVE_REMOTE,
    remote6: nl.IFLA_GENEVE_REMOTE6,
    port: nl.IFLA_GENEVE_PORT,
  },
};

/**
 * RTM_NEWLINK that creates a tunnel, down. Sent in its underlay's namespace: that of the message is the one whose sockets it
 * uses. `targetFd`: descriptor of the namespace that the device is for; -1: the same.
 */
export function createTunnel(batch: MessageBatch, op: TunnelAdd, ifindex: number, targetFd: number): void {
  const attributes = ATTRIBUTES[op.type];
  if (attributes === undefined) return;
  batch.begin(nl.RTM_NEWLINK, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  header(batch, ifindex, 0, 0);
  batch.attrText(nl.IFLA_IFNAME, op.dev);
  batch.attrU32(nl.IFLA_GROUP, op.group);
  if (targetFd >= 0) batch.attrU32(nl.IFLA_NET_NS_FD, targetFd);
  const info = batch.nest(nl.IFLA_LINKINFO);
  batch.attrText(nl.IFLA_INFO_KIND, op.type);
  const data = batch.nest(nl.IFLA_INFO_DATA);
  batch.attrU32(attributes.id, op.vni);
  const remote = addressBytes(op.remote);
  batch.attrBytes(remote.length === 4 ? attributes.remote : attributes.remote6, remote);
  // In the order of the network.
  batch.attrBytes(attributes.port, Uint8Array.of(op.dstPort >> 8, op.dstPort & 0xff));
  batch.nestEnd(data);
  batch.nestEnd(info);
  batch.end();
}

/** A tunnel's IFLA_INFO_DATA; null for other types of device. */
export function readTunnel(kind: string, bytes: Buffer, data: number, dataLength: number): LinkDump['tunnel'] {
  const attributes = ATTRIBUTES[kind];
  if (attributes === undefined) return null;
  const tunnel = { vni: 0, remote: '', dstPort: 0 };
  eachAttribute(bytes, data + nl.NLA_HDRLEN, data + dataLength, (type, at, length) => {
    const start = at + nl.NLA_HDRLEN;
    const size = length - nl.NLA_HDRLEN;
    if (type === attributes.id) tunnel.vni = attrU32(bytes, at, length);
    else if (type === attributes.port && size >= 2) tunnel.dstPort = bytes.readUInt16BE(start);
    else if (type === attributes.remote && size === 4) tunnel.remote = addressText(bytes, start, size);
    else if (type === attributes.remote6 && size === 16) tunnel.remote = addressText(bytes, start, size);
  });
  return tunnel;
}
