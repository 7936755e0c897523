import { OWN_NS } from '../../src/net/ns-id.ts';
import type { LinkAdd } from '../../src/wire/ops/links.ts';
import { Namespace } from '../namespaces.ts';
import { SystemFault } from '../netlink/fault.ts';
import { sendEach } from '../netlink/send-each.ts';
import { newNamespace } from '../netns.ts';
import { createLink } from '../rtnl/link.ts';

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
