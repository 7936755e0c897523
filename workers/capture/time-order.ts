import type { PacketSource } from './packet.ts';

/** Readers that have a packet, the one with the earliest packet first: a binary heap. */
export class TimeOrder {
  readonly #heap: PacketSource[] = [];
  readonly #members = new Set<PacketSource>();

  get first(): PacketSource | undefined {
    return this.#heap[0];
  }

  has(reader: PacketSource): boolean {
    return this.#members.has(reader);
  }

  add(reader: PacketSource): void {
    this.#members.add(reader);
    let at = this.#heap.push(reader) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** The first reader has gone on to its next packet, or (`hasPacket` false) has none. */
  moved(hasPacket: boolean): void {
    if (!hasPacket) this.#removeFirst();
    this.#sink();
  }

  #removeFirst(): void {
    const last = this.#heap.length - 1;
    this.#swap(0, last);
    const removed = this.#heap.pop();
    if (removed !== undefined) this.#members.delete(removed);
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const least = this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(least, at)) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return false;
    return one.seconds === other.seconds ? one.nanoseconds < other.nanoseconds : one.seconds < other.seconds;
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}
