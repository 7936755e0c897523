import type { CaptureReport } from '../../src/wire/capture.ts';
import type { PacketSource } from './packet.ts';

/** Larger than the block of any packet. */
const BUFFER_BYTES = 512 * 1024;
/** How far this thread is ahead of what has been written. Beyond that packets stay in the rings, and the kernel counts what finds no room. */
const AHEAD_MAX_BYTES = 16 * 1024 * 1024;

/** Collects blocks of pcapng, and passes them on. */
export class Output {
  readonly #post: (report: CaptureReport, transfer: readonly ArrayBuffer[]) => void;
  readonly #written: Int32Array;
  readonly #bytes = Buffer.from(new ArrayBuffer(BUFFER_BYTES));
  #used = 0;
  /** All bytes that were posted, modulo 2^32. */
  #posted = 0;

  constructor(post: (report: CaptureReport, transfer: readonly ArrayBuffer[]) => void, written: Int32Array) {
    this.#post = post;
    this.#written = written;
  }

  /** Whether what was posted has to be written first. */
  isFull(): boolean {
    return ((this.#posted - Atomics.load(this.#written, 0)) | 0) > AHEAD_MAX_BYTES;
  }

  /** Adds the present packet of a reader. */
  add(reader: PacketSource): void {
    if (this.#used + reader.blockBytes() > BUFFER_BYTES) this.flush();
    this.#used = reader.write(this.#bytes, this.#used);
  }

  /** Passes on what was added. */
  flush(): void {
    if (this.#used === 0) return;
    const buffer = new ArrayBuffer(this.#used);
    const blocks = new Uint8Array(buffer);
    blocks.set(this.#bytes.subarray(0, this.#used));
    this.#posted = (this.#posted + this.#used) | 0;
    this.#used = 0;
    this.#post({ report: 'packets', blocks }, [buffer]);
  }
}
