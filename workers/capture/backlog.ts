import { blockBytesMax, type Packet, type PacketSource } from './packet.ts';

const CHUNK_BYTES = 1024 * 1024;
/** How much of what was taken from sockets waits here at most. */
const CHUNKS_MAX = 32;

/** Where the fields of a block of pcapng are (writePacketBlock). */
const BLOCK_BYTES_AT = 4;
const BLOCK_ID_AT = 8;

/**
 * Packets that were taken from sockets without rings, as blocks of pcapng, the earliest first: a binary heap. All sockets share its memory,
 * which it takes as it needs it.
 */
export class Backlog implements PacketSource {
  readonly #chunks: Buffer[] = [];
  /** Packets in each chunk. */
  readonly #live: number[] = [];
  readonly #free: number[] = [];
  #chunk = -1;
  #used = CHUNK_BYTES;
  #count = 0;
  /** When each packet was captured, in nanoseconds since `#baseSeconds`. */
  #times = new Float64Array(1024);
  /** Of packets of one time, the one that was taken first is first. */
  #order = new Float64Array(1024);
  #seen = new Float64Array(1024);
  /** Where each begins: its chunk and the place in it, as one number. */
  #places = new Int32Array(1024);
  readonly #baseSeconds = Math.floor(Date.now() / 1000);
  #taken = 0;
  readonly #delivered: Float64Array;

  /** `delivered` counts packets that were written, by their interfaces. */
  constructor(delivered: Float64Array) {
    this.#delivered = delivered;
  }

  get seconds(): number {
    return this.#baseSeconds + Math.floor((this.#times[0] ?? 0) / 1e9);
  }

  get nanoseconds(): number {
    return (this.#times[0] ?? 0) - Math.floor((this.#times[0] ?? 0) / 1e9) * 1e9;
  }

  get seenMs(): number {
    return this.#seen[0] ?? 0;
  }

  hasPacket(): boolean {
    return this.#count > 0;
  }

  /** False: there is no room. */
  add(packet: Packet, nowMs: number): boolean {
    const bytes = blockBytesMax(packet.capturedBytes);
    if (this.#used + bytes > CHUNK_BYTES && !this.#nextChunk()) return false;
    const chunk = this.#chunks[this.#chunk] as Buffer;
    const at = this.#used;
    this.#used = packet.write(chunk, at);
    this.#live[this.#chunk] = (this.#live[this.#chunk] ?? 0) + 1;
    if (this.#count === this.#times.length) this.#grow();
    const index = this.#count++;
    this.#times[index] = (packet.seconds - this.#baseSeconds) * 1e9 + packet.nanoseconds;
    this.#order[index] = this.#taken++;
    this.#seen[index] = nowMs;
    this.#places[index] = this.#chunk * CHUNK_BYTES + at;
    this.#rise(index);
    return true;
  }

  advance(): boolean {
    const chunk = this.#chunkOf(0);
    const live = (this.#live[chunk] ?? 0) - 1;
    this.#live[chunk] = live;
    if (live === 0) {
      if (chunk === this.#chunk) this.#used = 0;
      else this.#free.push(chunk);
    }
    this.#count -= 1;
    this.#swap(0, this.#count);
    this.#sink();
    return this.#count > 0;
  }

  blockBytes(): number {
    return this.#present().readUInt32LE(BLOCK_BYTES_AT);
  }

  write(out: Buffer, at: number): number {
    const block = this.#present();
    const bytes = block.readUInt32LE(BLOCK_BYTES_AT);
    const id = block.readUInt32LE(BLOCK_ID_AT);
    block.copy(out, at, 0, bytes);
    this.#delivered[id] = (this.#delivered[id] ?? 0) + 1;
    return at + bytes;
  }

  /** The present packet, and what stands behind it. */
  #present(): Buffer {
    return (this.#chunks[this.#chunkOf(0)] as Buffer).subarray((this.#places[0] ?? 0) % CHUNK_BYTES);
  }

  #chunkOf(index: number): number {
    return Math.floor((this.#places[index] ?? 0) / CHUNK_BYTES);
  }

  #nextChunk(): boolean {
    const next = this.#free.pop() ?? this.#chunks.length;
    if (next === CHUNKS_MAX) return false;
    if (next === this.#chunks.length) this.#chunks.push(Buffer.from(new ArrayBuffer(CHUNK_BYTES)));
    this.#chunk = next;
    this.#live[next] = 0;
    this.#used = 0;
    return true;
  }

  #grow(): void {
    const size = this.#count * 2;
    const larger = (numbers: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(size);
      grown.set(numbers);
      return grown;
    };
    [this.#times, this.#order, this.#seen] = [larger(this.#times), larger(this.#order), larger(this.#seen)];
    const places = new Int32Array(size);
    places.set(this.#places);
    this.#places = places;
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      if (left >= this.#count) return;
      const least = right < this.#count && this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(least, at)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#times[a] ?? 0, this.#times[b] ?? 0];
    return one === other ? (this.#order[a] ?? 0) < (this.#order[b] ?? 0) : one < other;
  }

  #swap(a: number, b: number): void {
    swapIn(this.#times, a, b);
    swapIn(this.#order, a, b);
    swapIn(this.#seen, a, b);
    swapIn(this.#places, a, b);
  }
}

function swapIn(numbers: Float64Array | Int32Array, a: number, b: number): void {
  const kept = numbers[a] ?? 0;
  numbers[a] = numbers[b] ?? 0;
  numbers[b] = kept;
}
