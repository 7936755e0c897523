import { runsMax } from '../../src/capture/filter.ts';
import { queueBytes } from '../../src/capture/sizes.ts';
import { OWN_NS } from '../../src/net/ns-id.ts';
import {
  type DroppedTogether,
  noCounts,
  type OpenedTap,
  type RefusedTap,
  type Tap,
  type TapCounts,
  type TapGroup,
  type TapSettings,
} from '../../src/wire/capture.ts';
import * as libc from '../libc.ts';
import { Namespaces } from '../namespaces.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { HomeLost, type Identity, identityAt, isSameNamespace, pathOf } from '../netns.ts';
import { Backlog } from './backlog.ts';
import type { PacketSource } from './packet.ts';
import { PacketQueue, type QueueOptions } from './queue.ts';
import { QueueReceiver } from './queue-receiver.ts';
import { closeSockets, type Device } from './socket.ts';
import { isTooMany, type OnOpened, openedTap, refusedTap, SETTLE_MS, type TapSet } from './tap-set.ts';

/** As many devices a socket hears: its filter compares each packet with their numbers, one run of them after the other. */
const DEVICES_MAX = 256;
/** As many devices are looked at together, one system call each. */
const LOOKED_AT_ONCE = 4096;
/** Between two times that packets are taken while further sockets are opened. */
const RECEIVED_EACH_MS = 20;
const NONE: ReadonlySet<number> = new Set();
/**
 * As often all sockets that are ready are read before what was taken is passed on. Each time takes 512 packets of each at most, so this is
 * more than one can hold.
 */
const PASSES_MAX = 32;
/** Sockets that are found ready with one system call. */
const READY_AT_ONCE = 1024;

/** Taps that have no rings. Those of one namespace share sockets, and all share the memory for what was received. */
export class QueueTaps implements TapSet {
  readonly #settings: TapSettings;
  readonly #counts: TapCounts;
  readonly #backlog: Backlog;
  readonly #receiver: QueueReceiver;
  readonly #epoll: number;
  readonly #events = libc.epollEvents(READY_AT_ONCE);
  readonly #byFd = new Map<number, PacketQueue>();
  readonly #devicesMax: number;
  #options: QueueOptions;
  #size = 0;
  /** Taps whose devices are gone, and when all that they have received has been taken. */
  readonly #leaving = new Map<number, { readonly queue: PacketQueue; readonly leavesMs: number }>();
  /** What sockets dropped that are closed. */
  readonly #droppedBefore: DroppedTogether[] = [];
  /** The sockets that are still to be looked at before it is the first one's turn again. */
  #round: PacketQueue[] = [];

  /** Throws SystemFault. */
  constructor(settings: TapSettings, interfaces: number) {
    this.#settings = settings;
    this.#counts = noCounts(interfaces);
    this.#backlog = new Backlog(this.#counts.delivered);
    this.#receiver = new QueueReceiver(this.#backlog, this.#counts, settings.snaplenBytes);
    this.#epoll = libc.epollCreate();
    if (this.#epoll < 0) throw new SystemFault('epoll_create', '', -this.#epoll);
    const { program, isShared } = settings;
    this.#devicesMax = isShared ? Math.min(DEVICES_MAX, runsMax(program)) : 1;
    this.#options = { program, isShared, bytes: queueBytes(1) };
  }

  readonly isTaking = true;

  get size(): number {
    return this.#size;
  }

  openAll(groups: readonly TapGroup[], onOpened: OnOpened): readonly RefusedTap[] {
    const most = this.#devicesMax;
    const sockets = groups.reduce((sum, { ids }) => sum + Math.ceil(ids.length / most), 0);
    this.#options = { ...this.#options, bytes: queueBytes(sockets) };
    let receivedMs = performance.now();
    return groups.flatMap(({ ns, ids, devs }) => {
      const refused: RefusedTap[] = [];
      const nowMs = performance.now();
      // To open thousands takes seconds, in which the first ones would overflow.
      if (nowMs - receivedMs > RECEIVED_EACH_MS) {
        receivedMs = nowMs;
        this.receive(NONE, nowMs);
      }
      for (let from = 0; from < ids.length; from += most) {
        const part = { ns, ids: ids.slice(from, from + most), devs: devs.slice(from, from + most) };
        refused.push(...this.#openPart(part, onOpened));
      }
      return refused;
    });
  }

  open(tap: Tap): OpenedTap | RefusedTap {
    let opened: OpenedTap | null = null;
    const part = { ns: tap.ns, ids: [tap.id], devs: [tap.dev] };
    try {
      const [refused] = this.#openPart(part, (id, device) => {
        opened = openedTap(id, device);
      });
      if (refused !== undefined) return refused;
    } catch (error) {
      if (error instanceof HomeLost) throw error;
      return refusedTap(tap.id, error);
    }
    return opened ?? refusedTap(tap.id, new SystemFault('bind', tap.dev, ERRNO.ENODEV));
  }

  /** Throws HomeLost, and SystemFault where there can be no further socket. */
  #openPart({ ns, ids, devs }: TapGroup, onOpened: OnOpened): readonly RefusedTap[] {
    using spaces = new Namespaces();
    const refused: RefusedTap[] = [];
    let opened: PacketQueue | null = null;
    try {
      const { identity } = spaces.get(ns);
      const known = this.#withRoom(ns, identity, ids.length);
      opened = known === null ? PacketQueue.open(spaces.get(ns), this.#options) : null;
      const queue = known ?? opened;
      if (queue === null) return refused;
      const found: { id: number; ifindex: number; device: Device }[] = [];
      ids.forEach((id, index) => {
        try {
          const device = queue.device(devs[index] ?? '');
          found.push({ id, ifindex: device.ifindex, device });
        } catch (error) {
          refused.push(refusedTap(id, error));
        }
      });
      if (found.length > 0) {
        queue.hear(found);
        if (opened !== null) this.#keep(opened);
        opened = null;
        this.#size += found.length;
        for (const { id, device } of found) onOpened(id, device);
      }
    } catch (error) {
      if (error instanceof HomeLost || isTooMany(error)) throw error;
      const known = new Set(refused.map(({ id }) => id));
      refused.push(...ids.filter((id) => !known.has(id)).map((id) => refusedTap(id, error)));
    } finally {
      if (opened !== null) closeSockets([opened.fd]);
    }
    return refused;
  }

  /** An open socket of a namespace that can take up so many devices more. */
  #withRoom(ns: PacketQueue['ns'], identity: Identity, devices: number): PacketQueue | null {
    // At the beginning each namespace comes once, but for its further parts, each of which fills a socket.
    if (!this.#settings.isShared || devices > 1) return null;
    for (const queue of this.#byFd.values()) {
      const isIt = queue.ns === ns && isSameNamespace(queue.namespace, identity);
      if (isIt && queue.size > 0 && queue.size + devices <= this.#devicesMax) return queue;
    }
    return null;
  }

  /** Throws SystemFault. */
  #keep(queue: PacketQueue): void {
    const added = libc.epollAdd(this.#epoll, queue.fd);
    if (added < 0) throw new SystemFault('epoll_ctl', queue.ns, -added);
    this.#byFd.set(queue.fd, queue);
  }

  fds(): readonly number[] {
    return [this.#epoll];
  }

  receive(_faulty: ReadonlySet<number>, nowMs: number): void {
    for (let pass = 0; pass < PASSES_MAX; pass++) {
      const ready = libc.epollReady(this.#epoll, this.#events);
      for (let index = 0; index < ready; index++) {
        const queue = this.#byFd.get(libc.epollFd(this.#events, index));
        if (queue !== undefined) this.#receiver.drain(queue, nowMs);
      }
      if (ready <= 0) return;
    }
  }

  sources(): Iterable<PacketSource> {
    return [this.#backlog];
  }

  /** Looks at some of the sockets at a time, one after the other. */
  look(nowMs: number): void {
    if (this.#round.length === 0) this.#round = [...this.#byFd.values()];
    for (let looked = 0; looked < LOOKED_AT_ONCE; ) {
      const queue = this.#round.pop();
      if (queue === undefined) return;
      if (!this.#byFd.has(queue.fd)) continue;
      looked += 1 + queue.size;
      const gone = isThere(queue) ? queue.gone() : queue.ids();
      for (const id of gone) {
        if (!this.#leaving.has(id)) this.#leaving.set(id, { queue, leavesMs: nowMs + SETTLE_MS });
      }
    }
  }

  closeGone(nowMs: number): readonly number[] {
    const gone: number[] = [];
    const closed: PacketQueue[] = [];
    for (const [id, { queue, leavesMs }] of this.#leaving) {
      if (leavesMs > nowMs) continue;
      this.#leaving.delete(id);
      queue.forget(id);
      gone.push(id);
      if (queue.size === 0) closed.push(queue);
    }
    this.#size -= gone.length;
    for (const queue of closed) {
      this.#byFd.delete(queue.fd);
      const dropped = queue.dropped();
      if (dropped > 0) this.#droppedBefore.push({ ids: queue.everIds, dropped });
    }
    closeSockets(closed.map(({ fd }) => fd));
    return gone;
  }

  /** The capture ends as soon as it has taken what there is: to give each socket another filter would take longer. */
  refuseAll(): void {}

  counts(): TapCounts {
    const { received, dropped, delivered } = this.#counts;
    const counts = { received: received.slice(), dropped: dropped.slice(), delivered: delivered.slice() };
    const together: DroppedTogether[] = [];
    const add = (lost: DroppedTogether): void => {
      const [id, ...others] = lost.ids;
      if (id === undefined || others.length > 0) return void together.push(lost);
      counts.received[id] = (counts.received[id] ?? 0) + lost.dropped;
      counts.dropped[id] = (counts.dropped[id] ?? 0) + lost.dropped;
    };
    for (const queue of this.#byFd.values()) {
      const lost = queue.dropped();
      if (lost > 0) add({ ids: queue.everIds, dropped: lost });
    }
    this.#droppedBefore.forEach(add);
    return { ...counts, together };
  }

  [Symbol.dispose](): void {
    closeSockets([...this.#byFd.keys()]);
    this.#byFd.clear();
    libc.close(this.#epoll);
  }
}

/** Whether its namespace still has the name, or the process, by which it was found. */
function isThere({ ns, namespace }: PacketQueue): boolean {
  return ns === OWN_NS || isSameNamespace(identityAt(pathOf(ns)), namespace);
}
