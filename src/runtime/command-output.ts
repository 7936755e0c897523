/** Takes a command's output: passes on its lines as they arrive, and keeps the last ones for `status`. Memory is bounded. */
import { StringDecoder } from 'node:string_decoder';
import type { OutputStream } from './engine.ts';

/** Most characters of a line. A longer line is passed on in pieces. */
const MAX_LINE_CHARS = 65_536;
/** Most bytes that are shown at once, and the rate at which more is allowed. The rest is left out, and a line says so. */
const BURST_BYTES = 1 << 20;
const BYTES_PER_SECOND = 1 << 16;
/** Bytes of the end of the output that are kept. */
const TAIL_BYTES = 4096;
const TAIL_LINES = 20;

export class CommandOutput {
  readonly #onLine: (text: string) => void;
  readonly #now: () => number;
  readonly #readers: Readonly<Record<OutputStream, LineReader>>;
  #tail = Buffer.alloc(0);
  #allowance = BURST_BYTES;
  #seenMs: number;
  #leftOut = 0;

  /** `now` in milliseconds, from any origin. */
  constructor(onLine: (text: string) => void, now: () => number = () => performance.now()) {
    this.#onLine = onLine;
    this.#now = now;
    this.#seenMs = now();
    this.#readers = { stdout: createLineReader(onLine), stderr: createLineReader(onLine) };
  }

  push(stream: OutputStream, bytes: Buffer): void {
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
    const now = this.#now();
    this.#allowance = Math.min(BURST_BYTES, this.#allowance + ((now - this.#seenMs) / 1000) * BYTES_PER_SECOND);
    this.#seenMs = now;
    if (bytes.length > this.#allowance) {
      if (this.#leftOut === 0) this.#onLine('… writes faster than can be shown: what follows is left out');
      this.#leftOut += bytes.length;
      return;
    }
    this.#sayLeftOut();
    this.#allowance -= bytes.length;
    this.#readers[stream].push(bytes);
  }

  /** Gives out what is left without a line end. */
  end(): void {
    this.#sayLeftOut();
    this.#readers.stdout.end();
    this.#readers.stderr.end();
  }

  /** The last lines of both streams, in order of arrival. */
  tail(): readonly string[] {
    const lines = this.#tail.toString('utf8').split(/\r?\n/);
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-TAIL_LINES);
  }

  #sayLeftOut(): void {
    if (this.#leftOut === 0) return;
    this.#onLine(`… ${this.#leftOut} bytes left out`);
    this.#leftOut = 0;
  }
}

export interface LineReader {
  push(bytes: Buffer): void;
  /** Gives out what is left without a line end. */
  end(): void;
}

/** Bytes cut anywhere → lines. `\r\n` counts as a line end, as terminals send it. */
export function createLineReader(onLine: (text: string) => void): LineReader {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    for (; rest.length > MAX_LINE_CHARS; rest = rest.slice(MAX_LINE_CHARS)) onLine(rest.slice(0, MAX_LINE_CHARS));
  };
  return {
    push: (bytes) => take(decoder.write(bytes)),
    end: () => {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
