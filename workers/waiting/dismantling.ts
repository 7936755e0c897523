import { OWN_NS } from '../../src/net/ns-id.ts';
import type { LinkAdd } from '../../src/wire/ops/links.ts';
import { Namespace } from '../namespaces.ts';
import { pause } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { sendOne } from '../netlink/send-each.ts';
import { newNamespace } from '../netns.ts';
import { lookUp } from '../rtnl/dump.ts';
import { createLink } from '../rtnl/link.ts';

const POLL_MS = 5;

/** The end of the marker veth that is watched. */
const MARKER = 'marker';

/**
 * Waits until the kernel has dismantled the namespaces that were released before. The kernel does that in the background, in
 * order. So this makes a namespace with one end of a veth and releases it. Once the other end is gone, all earlier namespaces
 * are gone too. The other end is in a temporary namespace, too. A marker may join a batch that the kernel is already dismantling, so only
 * a second one (`rounds` 2) proves it. False: the time ran out. Throws SystemFault and HomeLost.
 */
export function untilDismantled(rounds: number, timeoutMs: number): boolean {
  const deadlineMs = performance.now() + timeoutMs;
  using watched = Namespace.nameless(OWN_NS, newNamespace('settle'));
  for (let round = 0; round < rounds; round++) {
    giveUpMarker(watched);
    while (lookUp(watched.socket, { ifname: MARKER })) {
      if (performance.now() > deadlineMs) return false;
      pause(POLL_MS);
    }
  }
  return true;
}

/** Makes a namespace, puts the marker's other end into it, and closes it, so that nothing keeps it alive. */
function giveUpMarker(watched: Namespace): void {
  using given = Namespace.nameless(OWN_NS, newNamespace('settle'));
  const outside = { peerFd: given.fd, parentIndex: null, targetFd: null };
  const nack = sendOne(watched.socket, (batch) => createLink(batch, MARKER_LINK, null, outside));
  if (nack) throw new SystemFault('RTM_NEWLINK', MARKER, nack.errno, nack.message);
}

const MARKER_LINK: LinkAdd = {
  op: 'link.add',
  ns: OWN_NS,
  link: null,
  cause: 'settle',
  make: { type: 'veth', peer: { ns: OWN_NS, dev: 'far', group: 0, mtuBytes: null, mac: null, link: null } },
  dev: MARKER,
  ifindex: null,
  settings: { mac: null, mtuBytes: null, up: null, alias: null, group: null, numbers: {}, txChecksumOff: false },
  queues: 1,
  addresses: [],
  routes: [],
};
