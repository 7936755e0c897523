import { release, type } from 'node:os';
import {
  type CapturedInterface,
  type InterfaceStatistics,
  interfaceDescription,
  interfaceStatistics,
  sectionHeader,
} from '../../capture/pcapng.ts';
import type { Counts, LinkCounts } from './counts.ts';

/** What each file of a capture begins and ends with, in pieces: of all links of a large lab it has megabytes. */
export interface Frame {
  readonly header: () => Iterable<Uint8Array>;
  readonly trailer: () => Iterable<Uint8Array>;
  /** The size of the trailer, at most. */
  readonly trailerBytes: () => number;
}

/** Where a capture goes. Each call is over before the next begins. */
export interface CaptureOutput {
  /** False: the reader has gone. Throws LinkloomError where nothing can be written. */
  readonly begin: (frame: Frame) => Promise<boolean>;
  /** Takes whole blocks. False and throws as `begin`. */
  readonly write: (blocks: Uint8Array) => Promise<boolean>;
  /** Completes what was written. */
  readonly end: () => Promise<void>;
}

/** Blocks that are given out as one piece. */
const BLOCKS_PER_PIECE = 500;
/** Of the statistics of an interface, without a comment. */
const STATISTICS_BYTES = 108;

/** The frame of a capture on so many interfaces, with the counts as they are when a file ends. `delivered` is what has been written by then. */
export class CaptureFrame implements Frame {
  readonly #lab: string;
  readonly #counts: Counts;
  readonly #interfaces: number;
  readonly #interfaceAt: (id: number) => CapturedInterface;
  readonly #startMs = Date.now();

  constructor(lab: string, counts: Counts, interfaces: number, interfaceAt: (id: number) => CapturedInterface) {
    this.#lab = lab;
    this.#counts = counts;
    this.#interfaces = interfaces;
    this.#interfaceAt = interfaceAt;
  }

  readonly header = (): Iterable<Uint8Array> => {
    const section = sectionHeader({
      application: 'linkloom',
      os: `${type()} ${release()}`,
      comment: `lab ${this.#lab}`,
    });
    return this.#pieces(section, (id) => interfaceDescription(this.#interfaceAt(id)));
  };

  readonly trailer = (): Iterable<Uint8Array> => {
    const endMs = Date.now();
    return this.#pieces(null, (id) => interfaceStatistics(id, this.#statistics(this.#counts.of(id), endMs)));
  };

  readonly trailerBytes = (): number => this.#interfaces * STATISTICS_BYTES + this.#counts.remarkBytes();

  #statistics({ received, dropped, delivered, remark }: LinkCounts, endMs: number): InterfaceStatistics {
    return { startMs: this.#startMs, endMs, received, dropped, delivered, comment: remark };
  }

  *#pieces(first: Uint8Array | null, blockAt: (id: number) => Uint8Array): Iterable<Uint8Array> {
    let blocks: Uint8Array[] = first === null ? [] : [first];
    for (let id = 0; id < this.#interfaces; id++) {
      blocks.push(blockAt(id));
      if (blocks.length < BLOCKS_PER_PIECE) continue;
      yield Buffer.concat(blocks);
      blocks = [];
    }
    if (blocks.length > 0) yield Buffer.concat(blocks);
  }
}
