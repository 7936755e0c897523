/**
 * `machine/` finds out what this kernel can do, by asking for things in a way that makes nothing that others would see.
 *
 * This file: kinds of devices.
 */
import { DEVICE_FEATURES, type DeviceFeature } from '../../src/wire/machine.ts';
import * as nl from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { sendEach, sendOne } from '../netlink/send-each.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { header } from '../rtnl/link.ts';

/** No device can have it, so none is made: a kind that is there refuses it (EADDRNOTAVAIL), or misses its parent (EINVAL). */
const IMPOSSIBLE_MAC = Uint8Array.of(0x01, 0, 0, 0, 0, 0);

export function isDevice(feature: string): feature is DeviceFeature {
  return (DEVICE_FEATURES as readonly string[]).includes(feature);
}

/** Those of the kinds that the kernel does not know, nor has a module for (EOPNOTSUPP, rtnl_newlink). One send for all. */
export function missingDevices(socket: NetlinkSocket, kinds: readonly DeviceFeature[]): readonly DeviceFeature[] {
  const refused = sendEach(socket, kinds, writeImpossible);
  return refused.flatMap(({ item, nack }) => (nack.errno === ERRNO.EOPNOTSUPP ? [item] : []));
}

function writeImpossible(batch: MessageBatch, kind: DeviceFeature): void {
  batch.begin(nl.RTM_NEWLINK, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
  header(batch, 0, 0, 0);
  batch.attrBytes(nl.IFLA_ADDRESS, IMPOSSIBLE_MAC);
  const info = batch.nest(nl.IFLA_LINKINFO);
  batch.attrText(nl.IFLA_INFO_KIND, kind);
  batch.nestEnd(info);
  batch.end();
}

/** linux/if_link.h. */
const IFLA_BR_VLAN_FILTERING = 7;

/** Whether a bridge can part VLANs (CONFIG_BRIDGE_VLAN_FILTERING): one is made in this namespace, which is to be thrown away. */
export function filtersVlans(socket: NetlinkSocket): boolean {
  const nack = sendOne(socket, (batch) => {
    batch.begin(nl.RTM_NEWLINK, nl.NLM_F_CREATE | nl.NLM_F_EXCL);
    header(batch, 0, 0, 0);
    const info = batch.nest(nl.IFLA_LINKINFO);
    batch.attrText(nl.IFLA_INFO_KIND, 'bridge');
    const data = batch.nest(nl.IFLA_INFO_DATA);
    batch.attrU8(IFLA_BR_VLAN_FILTERING, 1);
    batch.nestEnd(data);
    batch.nestEnd(info);
    batch.end();
  });
  return nack === null;
}
