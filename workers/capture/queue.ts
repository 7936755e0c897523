import { onDevices } from '../../src/capture/filter.ts';
import type { NsId } from '../../src/net/ns-id.ts';
import * as libc from '../libc.ts';
import type { Namespace } from '../namespaces.ts';
import { SO_RCVBUF, SO_RCVBUFFORCE, SOCK_CLOEXEC, SOCK_RAW, SOL_SOCKET } from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { Identity } from '../netns.ts';
import * as k from './constants.ts';
import { attach, bindTo, type Device, deviceOf, hasDevice, setOption, words } from './socket.ts';

/** fcntl.h. */
const SOCK_NONBLOCK = 0o4000;

export interface QueueOptions {
  readonly program: Uint8Array;
  /** How much waits in the socket at most, by the kernel's account. */
  readonly bytes: number;
  /** Whether it hears several devices of its namespace, and can take up more. */
  readonly isShared: boolean;
}

/**
 * A socket without a ring that captures on devices of one namespace. One that is shared is bound to no device, and its filter lets the
 * packets of its devices through. Needs CAP_NET_RAW over the namespace. It keeps the namespace alive, so it has to be closed when that goes.
 */
export class PacketQueue {
  readonly fd: number;
  readonly ns: NsId;
  readonly namespace: Identity;
  readonly #options: QueueOptions;
  #ifindexes: readonly number[] = [];
  #ids: readonly number[] = [];
  #isBound = false;
  /** All ids that it has had: those that its drops may belong to. */
  everIds: readonly number[] = [];
  #dropped = 0;

  private constructor(fd: number, ns: NsId, namespace: Identity, options: QueueOptions) {
    this.fd = fd;
    this.ns = ns;
    this.namespace = namespace;
    this.#options = options;
  }

  /** One that hears nothing yet. Throws SystemFault or HomeLost. */
  static open(space: Namespace, options: QueueOptions): PacketQueue {
    const { ns, identity } = space;
    const fd = space.enter(() => libc.socket(k.AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd < 0) throw new SystemFault('socket', 'AF_PACKET', -fd);
    try {
      // The kernel doubles the number.
      const room = words(options.bytes / 2);
      if (libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, room) === -ERRNO.EPERM) {
        libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, room);
      }
      setOption(fd, SOL_SOCKET, k.SO_TIMESTAMPNS, 'SO_TIMESTAMPNS', words(1));
      setOption(fd, k.SOL_PACKET, k.PACKET_AUXDATA, 'PACKET_AUXDATA', words(1));
      return new PacketQueue(fd, ns, identity, options);
    } catch (error) {
      libc.close(fd);
      throw error;
    }
  }

  /** How many devices it hears. */
  get size(): number {
    return this.#ids.length;
  }

  get isShared(): boolean {
    return this.#options.isShared;
  }

  ids(): readonly number[] {
    return this.#ids;
  }

  /** A device of its namespace. Throws SystemFault: ENODEV where there is none. */
  device(dev: string): Device {
    return deviceOf(this.fd, dev);
  }

  /** Captures on these devices too from now on; on one alone if the socket is not shared. Throws SystemFault. */
  hear(devices: readonly { readonly id: number; readonly ifindex: number }[]): void {
    const { program, isShared } = this.#options;
    const ifindexes = [...this.#ifindexes, ...devices.map(({ ifindex }) => ifindex)];
    attach(this.fd, isShared ? onDevices(program, ifindexes) : program);
    if (!this.#isBound) bindTo(this.fd, this.ns, isShared ? 0 : (ifindexes[0] ?? 0));
    this.#isBound = true;
    this.#ifindexes = ifindexes;
    this.#ids = [...this.#ids, ...devices.map(({ id }) => id)];
    this.everIds = [...this.everIds, ...devices.map(({ id }) => id)];
  }

  /** Which interface a packet belongs to. -1: none of those that are still heard. */
  idOf(ifindex: number): number {
    const at = this.#ifindexes.indexOf(ifindex);
    return at < 0 ? -1 : (this.#ids[at] ?? -1);
  }

  /** The ids of those of its devices that are gone. */
  gone(): readonly number[] {
    return this.#ids.filter((_, at) => !hasDevice(this.fd, this.#ifindexes[at] ?? 0));
  }

  forget(id: number): void {
    const at = this.#ids.indexOf(id);
    if (at < 0) return;
    this.#ids = this.#ids.toSpliced(at, 1);
    this.#ifindexes = this.#ifindexes.toSpliced(at, 1);
  }

  /** All packets that found no room in it. The kernel counts from zero after each time that it is asked. */
  dropped(): number {
    // struct tpacket_stats: packets, drops.
    const statistics = Buffer.alloc(8);
    if (libc.getsockopt(this.fd, k.SOL_PACKET, k.PACKET_STATISTICS, statistics) === 0) {
      this.#dropped += statistics.readUInt32LE(4);
    }
    return this.#dropped;
  }
}
