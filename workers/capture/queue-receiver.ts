import { PACKET_MOST_BYTES } from '../../src/capture/sizes.ts';
import type { TapCounts } from '../../src/wire/capture.ts';
import * as libc from '../libc.ts';
import { ERRNO } from '../netlink/errors.ts';
import { MessageVector } from '../probe/vector.ts';
import type { Backlog } from './backlog.ts';
import * as k from './constants.ts';
import { Packet } from './packet.ts';
import type { PacketQueue } from './queue.ts';

/** Messages received with one system call. */
const RECEIVED_AT_ONCE = 32;
/** So often a socket is read before it is another one's turn. */
const READS_AT_ONCE = 16;

/** Takes packets from sockets into the backlog, all through the same buffer, and counts them. */
export class QueueReceiver {
  readonly #vector: MessageVector;
  readonly #packets: readonly Packet[];
  readonly #backlog: Backlog;
  readonly #counts: Pick<TapCounts, 'received' | 'dropped'>;

  constructor(backlog: Backlog, counts: Pick<TapCounts, 'received' | 'dropped'>, snaplenBytes: number) {
    this.#backlog = backlog;
    this.#counts = counts;
    const frameBytes = Math.min(snaplenBytes, PACKET_MOST_BYTES);
    this.#vector = new MessageVector(RECEIVED_AT_ONCE, { frameBytes, controlBytes: k.CONTROL.bytes });
    this.#packets = this.#vector.frame.map((frame) => new Packet(frame, snaplenBytes));
  }

  /** Takes what waits in a socket. */
  drain(queue: PacketQueue, nowMs: number): void {
    for (let reads = 0; reads < READS_AT_ONCE; reads++) {
      const count = libc.recvmmsg(queue.fd, this.#vector.bytes, RECEIVED_AT_ONCE, 0);
      // A device that went down is told once by an error (ENETDOWN), and then the rest is read.
      if (count === -ERRNO.EINTR || count === -ERRNO.ENETDOWN) continue;
      if (count <= 0) return;
      for (let index = 0; index < count; index++) this.#take(queue, index, nowMs);
      this.#vector.reset(count);
      if (count < RECEIVED_AT_ONCE) return;
    }
  }

  #take(queue: PacketQueue, index: number, nowMs: number): void {
    const address = this.#vector.name[index] as Buffer;
    const control = this.#vector.control[index] as Buffer;
    const id = queue.idOf(address.readInt32LE(k.ADDRESS.ifindex));
    if (id < 0) return;
    const packet = this.#packets[index] as Packet;
    packet.interfaceId = id;
    packet.seconds = control.readUInt32LE(k.CONTROL.seconds) + control.readInt32LE(k.CONTROL.seconds + 4) * 2 ** 32;
    packet.nanoseconds = control.readUInt32LE(k.CONTROL.nanoseconds);
    packet.capturedBytes = this.#vector.lengthOf(index);
    packet.type = address[k.ADDRESS.packetType] ?? 0;
    packet.status = control.readUInt32LE(k.CONTROL.status);
    packet.originalBytes = control.readUInt32LE(k.CONTROL.original);
    packet.tci = control.readUInt16LE(k.CONTROL.tci);
    packet.tpid = control.readUInt16LE(k.CONTROL.tpid);
    const { received, dropped } = this.#counts;
    received[id] = (received[id] ?? 0) + 1;
    if (!this.#backlog.add(packet, nowMs)) dropped[id] = (dropped[id] ?? 0) + 1;
  }
}
