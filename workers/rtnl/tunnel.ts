import type { TunnelAdd } from '../../src/wire/op.ts';
import * as nl from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { header } from './link.ts';
import { writeTunnelData } from './tunnel-data.ts';

/**
 * RTM_NEWLINK that creates a tunnel, down. Sent in its underlay's namespace: that of the message is the one whose sockets it
 * uses. `targetFd`: descriptor of the namespace that the device is for; -1: the same.
 */
export function createTunnel(batch: MessageBatch, op: TunnelAdd, ifindex: number, targetFd: number): void {
  batch.begin(nl.RTM_NEWLINK, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  header(batch, ifindex, 0, 0);
  batch.attrText(nl.IFLA_IFNAME, op.dev);
  batch.attrU32(nl.IFLA_GROUP, op.group);
  if (targetFd >= 0) batch.attrU32(nl.IFLA_NET_NS_FD, targetFd);
  const info = batch.nest(nl.IFLA_LINKINFO);
  batch.attrText(nl.IFLA_INFO_KIND, op.kind);
  const data = batch.nest(nl.IFLA_INFO_DATA);
  writeTunnelData(batch, op);
  batch.nestEnd(data);
  batch.nestEnd(info);
  batch.end();
}
