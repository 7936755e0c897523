import { align4 } from './attributes.ts';
import {
  NLA_F_NESTED,
  NLA_HDRLEN,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_REQUEST,
  NLMSG_HDRLEN,
  RTM_NEWLINK,
} from './constants.ts';

const INITIAL_BYTES = 64 * 1024;
/** Offsets in 32-bit words in struct nlmsghdr (linux/netlink.h). Type and flags share a word. */
const FLAGS_WORD = 1;
const NEW_LINK = RTM_NEWLINK | (NLM_F_CREATE << 16);
const SEQ_WORD = 2;

/**
 * Many netlink messages in one growing buffer (netlink(7)). Messages are written in place, so that nothing is allocated per
 * message or attribute. Everything is aligned to four bytes and, where possible, written as 32-bit words: most labs are made
 * before the engine has compiled this code well, so each call and each store counts. Numbers are little-endian, like the
 * platform's.
 *
 * To write a message, call `begin`, then `u32`, `u32x4` and `u8x4` for its fixed header, then the methods for attributes, then
 * `end`. After the last message call `NetlinkSocket.transact`, then `reset`.
 */
export class MessageBatch {
  #bytes: Buffer = Buffer.from(new ArrayBuffer(INITIAL_BYTES));
  #words = new Uint32Array(this.#bytes.buffer);
  #end = 0;
  #starts: number[] = [];
  #nextSeq = 1;

  /** Messages begun since the last reset. */
  get count(): number {
    return this.#starts.length;
  }

  /** Sequence number of the message at `index` of this batch. */
  seqOf(index: number): number {
    return this.#words[(this.#startOf(index) >> 2) + SEQ_WORD] ?? 0;
  }

  /** Whether the message at `index` makes a device. */
  makesDevice(index: number): boolean {
    const word = this.#words[(this.#startOf(index) >> 2) + FLAGS_WORD] ?? 0;
    return (word & (0xffff | (NLM_F_CREATE << 16))) === NEW_LINK;
  }

  /** A view of the messages from `first` up to, not including, `next`. It is valid until the batch grows. */
  slice(first: number, next: number): Buffer {
    return this.#bytes.subarray(this.#startOf(first), next === this.count ? this.#end : this.#startOf(next));
  }

  /** Bytes from message `first` to the end of message `index`. */
  span(first: number, index: number): number {
    return (index + 1 === this.count ? this.#end : this.#startOf(index + 1)) - this.#startOf(first);
  }

  /** Removes all messages. Sequence numbers are not reused. */
  reset(): void {
    this.#end = 0;
    this.#starts = [];
  }

  /** Asks the kernel to acknowledge the message at `index` also when it succeeds. */
  askAck(index: number): void {
    const word = (this.#startOf(index) >> 2) + FLAGS_WORD;
    this.#words[word] = (this.#words[word] ?? 0) | (NLM_F_ACK << 16);
  }

  /** Gives a message that is sent again a new sequence number. */
  renumber(index: number): void {
    this.#words[(this.#startOf(index) >> 2) + SEQ_WORD] = this.#takeSeq();
  }

  /** Opens a message; `NLM_F_REQUEST` is added to the flags. Returns its index in the batch. */
  begin(type: number, flags: number): number {
    const at = this.#take(NLMSG_HDRLEN);
    this.#put4(at, 0, type | ((flags | NLM_F_REQUEST) << 16), this.#takeSeq(), 0);
    return this.#starts.push(at) - 1;
  }

  /** Closes the message: writes its length. */
  end(): void {
    const at = this.#startOf(this.#starts.length - 1);
    this.#words[at >> 2] = this.#end - at;
  }

  u32(value: number): void {
    const at = this.#take(4);
    this.#words[at >> 2] = value;
  }

  u32x4(a: number, b: number, c: number, d: number): void {
    this.#put4(this.#take(16), a, b, c, d);
  }

  /** Four bytes, in this order. */
  u8x4(a: number, b: number, c: number, d: number): void {
    this.u32(a | (b << 8) | (c << 16) | (d << 24));
  }

  /** Writes the finished bytes of a fixed header with its attributes. */
  raw(payload: Uint8Array): void {
    const at = this.#take(align4(payload.length));
    this.#words[(this.#end >> 2) - 1] = 0;
    this.#bytes.set(payload, at);
  }

  /** Attribute of one byte (and three of padding). */
  attrU8(type: number, value: number): void {
    this.#attr(type, 1, value & 0xff);
  }

  /** Attribute of two bytes (and two of padding). */
  attrU16(type: number, value: number): void {
    this.#attr(type, 2, value & 0xffff);
  }

  /** Attribute of 32 bits, signed or not. */
  attrU32(type: number, value: number): void {
    this.#attr(type, 4, value);
  }

  /** Attribute of raw bytes, padded to four. */
  attrBytes(type: number, value: Uint8Array): void {
    const at = this.#blank(type, value.length);
    this.#bytes.set(value, at);
  }

  /**
   * Attribute of text with its final NUL, padded to four bytes. For short ASCII names, which are the rule, a loop is faster
   * than a call into C++.
   */
  attrText(type: number, value: string): void {
    const start = this.#end;
    const at = this.#blank(type, value.length + 1);
    const bytes = this.#bytes;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) {
        this.#end = start;
        this.attrBytes(type, Buffer.from(`${value}\0`, 'utf8'));
        return;
      }
      bytes[at + i] = code;
    }
  }

  /** Opens an attribute that holds attributes. Pass the result to `nestEnd`. */
  nest(type: number): number {
    const at = this.#take(NLA_HDRLEN);
    this.#words[at >> 2] = (type | NLA_F_NESTED) << 16;
    return at;
  }

  nestEnd(start: number): void {
    const word = start >> 2;
    this.#words[word] = (this.#words[word] ?? 0) | (this.#end - start);
  }

  /** An attribute of up to four bytes. */
  #attr(type: number, length: number, value: number): void {
    const word = this.#take(NLA_HDRLEN + 4) >> 2;
    this.#words[word] = (NLA_HDRLEN + length) | (type << 16);
    this.#words[word + 1] = value;
  }

  /** Writes an attribute's header and reserves its payload, with the padding cleared. Returns the payload's offset. */
  #blank(type: number, length: number): number {
    const at = this.#take(NLA_HDRLEN + align4(length));
    this.#words[at >> 2] = (NLA_HDRLEN + length) | (type << 16);
    if (length > 0) this.#words[(this.#end >> 2) - 1] = 0;
    return at + NLA_HDRLEN;
  }

  #put4(at: number, a: number, b: number, c: number, d: number): void {
    const words = this.#words;
    const word = at >> 2;
    words[word] = a;
    words[word + 1] = b;
    words[word + 2] = c;
    words[word + 3] = d;
  }

  /** Reserves `length` bytes (a multiple of four) at the end. Returns their offset. */
  #take(length: number): number {
    const at = this.#end;
    this.#end = at + length;
    if (this.#end > this.#bytes.length) this.#grow(at);
    return at;
  }

  #grow(used: number): void {
    const grown = Buffer.from(new ArrayBuffer(align4(Math.max(this.#bytes.length * 2, this.#end))));
    this.#bytes.copy(grown, 0, 0, used);
    this.#bytes = grown;
    this.#words = new Uint32Array(grown.buffer);
  }

  #startOf(index: number): number {
    const start = this.#starts[index];
    if (start === undefined) throw new RangeError(`no message ${index} in a batch of ${this.#starts.length}`);
    return start;
  }

  #takeSeq(): number {
    const seq = this.#nextSeq;
    this.#nextSeq = seq === 0xffffffff ? 1 : seq + 1;
    return seq;
  }
}
