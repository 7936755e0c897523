import { OWN_NS } from '../../src/net/ns-id.ts';
import type { LinkAdd } from '../../src/wire/ops/links.ts';
import { Namespace } from '../namespaces.ts';
import { pause } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { sendOne } from '../netlink/send-each.ts';
import { newNamespace } from '../netns.ts';
import { quickIndexOf } from '../ops/offload.ts';
import { lookUp } from '../rtnl/dump.ts';
import { createLink } from '../rtnl/link.ts';

const POLL_MS = 5;

/** The end of a marker veth that is watched. */
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
    giveUpMarker(watched, MARKER);
    while (lookUp(watched.socket, { ifname: MARKER })) {
      if (performance.now() > deadlineMs) return false;
      pause(POLL_MS);
    }
  }
  return true;
}

/**
 * The most devices in namespaces that are released together. The kernel dismantles all namespaces that were released meanwhile at once,
 * and takes its lock for network devices (RTNL) only once for all of them: some 0.1 ms a device, in which nobody else can do anything with
 * a device.
 */
const DEVICES_PER_GROUP = 512;
/** Of an earlier task, whose last group is not complete. */
let devicesGiven = 0;

/** Keeps the groups of namespaces that a task releases apart: while the kernel dismantles one, the task releases the next, and no more. */
export class Dismantling implements Disposable {
  #watched: Namespace | null = null;
  #markers = 0;
  #gone = 0;

  /** Whether a group has ended. */
  get isBegun(): boolean {
    return this.#markers > 0;
  }

  /** Whether a group is complete, so that `next` is due before another namespace is released. */
  get isFull(): boolean {
    return devicesGiven >= DEVICES_PER_GROUP;
  }

  /** Records that a namespace with so many devices, their other ends included, was released. */
  given(devices: number): void {
    devicesGiven += devices;
  }

  /** Ends a group, and waits until the one before is dismantled, at most so long. Throws SystemFault and HomeLost. */
  next(timeoutMs: number): void {
    devicesGiven = 0;
    this.#watched ??= Namespace.nameless(OWN_NS, newNamespace('settle'));
    giveUpMarker(this.#watched, `${MARKER}${this.#markers++}`);
    this.#await(this.#markers - 1, timeoutMs);
  }

  /** Waits until the last complete group is dismantled, at most so long. */
  end(timeoutMs: number): void {
    this.#await(this.#markers, timeoutMs);
  }

  #await(count: number, timeoutMs: number): void {
    const deadlineMs = performance.now() + timeoutMs;
    for (; this.#watched !== null && this.#gone < count; this.#gone++) {
      // By ioctl, which does not wait for RTNL.
      while (quickIndexOf(this.#watched.socket, `${MARKER}${this.#gone}`) !== null) {
        if (performance.now() > deadlineMs) return;
        pause(POLL_MS);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#watched?.[Symbol.dispose]();
    this.#watched = null;
  }
}

/** Makes a namespace, puts a marker's other end into it, and closes it, so that nothing keeps it alive. */
function giveUpMarker(watched: Namespace, dev: string): void {
  using given = Namespace.nameless(OWN_NS, newNamespace('settle'));
  // A closed netlink socket keeps its namespace until no processor can use it any more (net/netlink/af_netlink.c, netlink_release). Those
  // before had one, so this one must, or it goes before them.
  void given.socket;
  const outside = { peerFd: given.fd, parentIndex: null, targetFd: null };
  const nack = sendOne(watched.socket, (batch) => createLink(batch, { ...MARKER_LINK, dev }, null, outside));
  if (nack) throw new SystemFault('RTM_NEWLINK', dev, nack.errno, nack.message);
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
