import { NLA_F_NESTED, NLA_HDRLEN, NLM_F_ACK, NLM_F_REQUEST, NLMSG_HDRLEN } from './constants.ts';

const INITIAL_BYTES = 64 * 1024;

/**
 * Many netlink messages in one growing buffer, written in place (netlink(7)): nothing is allocated per message or
 * attribute. Numbers are little-endian. Use: `begin`, the fixed header by `u8`…`u32`, attributes, `end`; again and
 * again; then `NetlinkSocket.transact`; then `reset`.
 */
export class MessageBatch {
  #bytes: Buffer = Buffer.from(new ArrayBuffer(INITIAL_BYTES));
  #view = new DataView(this.#bytes.buffer);
  #end = 0;
  #starts: number[] = [];
  #nextSeq = 1;

  /** Messages begun since the last reset. */
  get count(): number {
    return this.#starts.length;
  }

  /** Sequence number of the message at `index` of this batch. */
  seqOf(index: number): number {
    return this.#view.getUint32(this.#startOf(index) + 8, true);
  }

  /** Messages `first` up to, not including, `next`: a view, good until the batch grows. */
  slice(first: number, next: number): Buffer {
    return this.#bytes.subarray(this.#startOf(first), next === this.count ? this.#end : this.#startOf(next));
  }

  /** Bytes from message `first` to the end of message `index`. */
  span(first: number, index: number): number {
    return (index + 1 === this.count ? this.#end : this.#startOf(index + 1)) - this.#startOf(first);
  }

  /** Forgets all messages; sequence numbers go on. */
  reset(): void {
    this.#end = 0;
    this.#starts = [];
  }

  /** Asks the kernel to acknowledge the message at `index` also when it succeeds. */
  askAck(index: number): void {
    const at = this.#startOf(index) + 6;
    this.#view.setUint16(at, this.#view.getUint16(at, true) | NLM_F_ACK, true);
  }

  /** A fresh sequence number for a message that is sent again. */
  renumber(index: number): void {
    this.#view.setUint32(this.#startOf(index) + 8, this.#takeSeq(), true);
  }

  /** Opens a message; `NLM_F_REQUEST` is added to the flags. Returns its index in the batch. */
  begin(type: number, flags: number): number {
    this.#reserve(NLMSG_HDRLEN);
    const at = this.#end;
    this.#view.setUint32(at, 0, true);
    this.#view.setUint16(at + 4, type, true);
    this.#view.setUint16(at + 6, flags | NLM_F_REQUEST, true);
    this.#view.setUint32(at + 8, this.#takeSeq(), true);
    this.#view.setUint32(at + 12, 0, true);
    this.#end = at + NLMSG_HDRLEN;
    return this.#starts.push(at) - 1;
  }

  /** Closes the message: writes its length. */
  end(): void {
    const at = this.#startOf(this.count - 1);
    this.#view.setUint32(at, this.#end - at, true);
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#view.setUint8(this.#end, value);
    this.#end += 1;
  }

  u16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#end, value, true);
    this.#end += 2;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#end, value, true);
    this.#end += 4;
  }

  /** Attribute of one byte (and three of padding). */
  attrU8(type: number, value: number): void {
    this.#attr(type, 1);
    this.u32(value & 0xff);
  }

  /** Attribute of two bytes (and two of padding). */
  attrU16(type: number, value: number): void {
    this.#attr(type, 2);
    this.u32(value & 0xffff);
  }

  /** Attribute of 32 bits, signed or not. */
  attrU32(type: number, value: number): void {
    this.#attr(type, 4);
    this.u32(value);
  }

  /** Attribute of raw bytes, padded to four. */
  attrBytes(type: number, value: Uint8Array): void {
    this.#attr(type, value.length);
    this.#reserve(value.length + 4);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
    this.#pad();
  }

  /** Attribute of text with its final NUL, padded to four. */
  attrText(type: number, value: string): void {
    const start = this.#end;
    this.#attr(type, 0);
    this.#reserve(value.length * 3 + 8);
    this.#text(value);
    this.u8(0);
    this.#view.setUint16(start, this.#end - start, true);
    this.#pad();
  }

  /** Opens an attribute that holds attributes; hand the result to `nestEnd`. */
  nest(type: number): number {
    const start = this.#end;
    this.#attr(type | NLA_F_NESTED, 0);
    return start;
  }

  nestEnd(start: number): void {
    this.#view.setUint16(start, this.#end - start, true);
  }

  #attr(type: number, length: number): void {
    this.#reserve(NLA_HDRLEN);
    this.#view.setUint16(this.#end, NLA_HDRLEN + length, true);
    this.#view.setUint16(this.#end + 2, type, true);
    this.#end += NLA_HDRLEN;
  }

  /** Names are short and ASCII nearly always: a loop beats a call into C++. */
  #text(value: string): void {
    const bytes = this.#bytes;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) {
        this.#end += bytes.write(value, this.#end, 'utf8');
        return;
      }
      bytes[this.#end + i] = code;
    }
    this.#end += value.length;
  }

  #pad(): void {
    this.#reserve(4);
    while (this.#end & 3) this.#bytes[this.#end++] = 0;
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const grown = Buffer.from(new ArrayBuffer(Math.max(this.#bytes.length * 2, this.#end + length)));
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
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
