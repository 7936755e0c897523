/** Arrays of `struct mmsghdr` of 64-bit Linux (sys/socket.h): 56 bytes of `struct msghdr`, the length, and padding. */
import * as libc from '../libc.ts';

const MMSGHDR_BYTES = 64;
const NAME_BYTES_AT = 8;
const CONTROL_BYTES_AT = 40;
const LENGTH_AT = 56;
const IOVEC_BYTES = 16;

/** struct sockaddr_ll (linux/if_packet.h, packet(7)): family, protocol, ifindex, hatype, pkttype, halen, 8 bytes of address. */
export const SOCKADDR_LL_BYTES = 20;

/** What one message has room for. */
export interface Room {
  readonly frameBytes: number;
  /** 0: none is wanted. */
  readonly controlBytes: number;
}

/** Messages with an address, one buffer and room for control data each; made once, used again and again. */
export class MessageVector {
  readonly bytes: Buffer;
  readonly count: number;
  readonly #frames: Buffer;
  readonly #names: Buffer;
  readonly #controls: Buffer;
  readonly #vectors: Buffer;
  readonly #room: Room;
  readonly frame: readonly Buffer[];
  readonly name: readonly Buffer[];
  readonly control: readonly Buffer[];

  constructor(count: number, room: Room) {
    this.count = count;
    this.#room = room;
    this.bytes = outside(count * MMSGHDR_BYTES);
    this.#frames = outside(count * room.frameBytes);
    this.#names = outside(count * SOCKADDR_LL_BYTES);
    this.#controls = outside(Math.max(1, count * room.controlBytes));
    this.#vectors = outside(count * IOVEC_BYTES);
    this.frame = parts(this.#frames, count, room.frameBytes);
    this.name = parts(this.#names, count, SOCKADDR_LL_BYTES);
    this.control = parts(this.#controls, count, room.controlBytes);
    for (let index = 0; index < count; index++) this.#point(index);
  }

  /** Bytes of a message that was received (all of them with MSG_TRUNC, even those that found no room). */
  lengthOf(index: number): number {
    return this.bytes.readUInt32LE(index * MMSGHDR_BYTES + LENGTH_AT);
  }

  /** Bytes of a message to send. */
  setLength(index: number, bytes: number): void {
    this.#vectors.writeBigUInt64LE(BigInt(bytes), index * IOVEC_BYTES + 8);
  }

  /** Makes the first messages ready to receive again, since the kernel writes into them how much it used. */
  reset(count: number): void {
    for (let index = 0; index < count; index++) {
      const at = index * MMSGHDR_BYTES;
      this.bytes.writeUInt32LE(SOCKADDR_LL_BYTES, at + NAME_BYTES_AT);
      this.bytes.writeUInt32LE(this.#room.controlBytes, at + CONTROL_BYTES_AT);
    }
  }

  #point(index: number): void {
    const at = index * MMSGHDR_BYTES;
    const { frameBytes, controlBytes } = this.#room;
    const vector = index * IOVEC_BYTES;
    this.#vectors.writeBigUInt64LE(addressIn(this.#frames, index * frameBytes), vector);
    this.#vectors.writeBigUInt64LE(BigInt(frameBytes), vector + 8);
    this.bytes.writeBigUInt64LE(addressIn(this.#names, index * SOCKADDR_LL_BYTES), at);
    this.bytes.writeUInt32LE(SOCKADDR_LL_BYTES, at + NAME_BYTES_AT);
    this.bytes.writeBigUInt64LE(addressIn(this.#vectors, vector), at + 16);
    this.bytes.writeBigUInt64LE(1n, at + 24);
    if (controlBytes === 0) return;
    this.bytes.writeBigUInt64LE(addressIn(this.#controls, index * controlBytes), at + 32);
    this.bytes.writeUInt32LE(controlBytes, at + CONTROL_BYTES_AT);
  }
}

/** A buffer outside the JavaScript heap, whose address stays. */
export function outside(bytes: number): Buffer {
  return Buffer.from(new ArrayBuffer(bytes));
}

function addressIn(buffer: Buffer, offset: number): bigint {
  return libc.addressOf(buffer.buffer as ArrayBuffer) + BigInt(offset);
}

function parts(buffer: Buffer, count: number, bytes: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, index) => buffer.subarray(index * bytes, (index + 1) * bytes));
}
