import { OWN_NS } from '../../src/net/ns-id.ts';
import type { LinkAdd } from '../../src/wire/ops/links.ts';
import type { BridgeAdd } from '../../src/wire/ops/switch.ts';
import { Namespace } from '../namespaces.ts';
import { SystemFault } from '../netlink/fault.ts';
import { sendEach, sendOne } from '../netlink/send-each.ts';
import type { Nack } from '../netlink/socket.ts';
import { newNamespace } from '../netns.ts';
import { createBridge, createLink, deleteLink } from '../rtnl/link.ts';

/** How long this kernel takes for a pair of veth with marks of no lab, down, in a namespace that is given up at once. Throws SystemFault. */
export function pairMs(count: number): number {
  using space = Namespace.nameless(OWN_NS, newNamespace('calibration'));
  const outside = { peerFd: space.fd, parentIndex: null, targetFd: null };
  const { socket } = space;
  const startedMs = performance.now();
  const pairs = Array.from({ length: count }, (_, i) => pair(i));
  const [refused] = sendEach(socket, pairs, (batch, op) => createLink(batch, op, null, outside));
  if (refused) throw new SystemFault('RTM_NEWLINK', refused.item.dev, refused.nack.errno, refused.nack.message);
  return (performance.now() - startedMs) / count;
}

/** So many that what a message costs beside its bridges counts little. */
const BRIDGES = 6;
const BRIDGE_GROUP = 1;

/**
 * How much longer this kernel takes to delete a bridge more: some 17 ms before 6.12.111 and 6.1.192 (br_multicast_dev_del, rcu_barrier),
 * next to nothing since. The bridges are made for it, in a namespace that is given up at once. Throws SystemFault.
 */
export function bridgeMs(): number {
  using space = Namespace.nameless(OWN_NS, newNamespace('calibration'));
  const { socket } = space;
  const bridges = Array.from({ length: BRIDGES + 1 }, (_, i) => bridge(i));
  const [refused] = sendEach(socket, bridges, (batch, op) => createBridge(batch, op, null));
  if (refused) throw new SystemFault('RTM_NEWLINK', refused.item.dev, refused.nack.errno, refused.nack.message);
  const alone = timeOf(() => sendOne(socket, (batch) => deleteLink(batch, { ifname: 'c0' })));
  const together = timeOf(() => sendOne(socket, (batch) => deleteLink(batch, { group: BRIDGE_GROUP })));
  return Math.max(0, (together - alone) / (BRIDGES - 1));
}

function timeOf(work: () => Nack | null): number {
  const startedMs = performance.now();
  const nack = work();
  if (nack) throw new SystemFault('RTM_DELLINK', 'bridge', nack.errno, nack.message);
  return performance.now() - startedMs;
}

function bridge(number: number): BridgeAdd {
  return {
    ...{ op: 'bridge.add', ns: OWN_NS, link: null, cause: 'calibration', dev: `c${number}`, ifindex: null },
    ...{ group: number === 0 ? 0 : BRIDGE_GROUP, alias: '', mcastSnooping: false, vlans: false, raise: false },
  };
}

function pair(number: number): LinkAdd {
  return {
    op: 'link.add',
    ns: OWN_NS,
    link: null,
    cause: 'calibration',
    make: {
      type: 'veth',
      peer: { ns: OWN_NS, dev: `b${number}`, group: 0, mtuBytes: null, mac: null, link: null },
    },
    dev: `a${number}`,
    ifindex: null,
    settings: { mac: null, mtuBytes: null, up: null, alias: null, group: null, numbers: {}, txChecksumOff: false },
    queues: 1,
    addresses: [],
    routes: [],
  };
}
