import { release, type } from 'node:os';
import {
  type CapturedInterface,
  type InterfaceStatistics,
  interfaceDescription,
  interfaceStatistics,
  sectionHeader,
} from '../../capture/pcapng.ts';
import type { TapCounts } from '../../wire/capture.ts';

/** What each file of a capture begins and ends with. */
export interface Frame {
  readonly header: () => Uint8Array;
  readonly trailer: () => Uint8Array;
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

/** The frame of a capture on these interfaces, with the counts as they are when a file ends. `delivered` is what has been written by then. */
export class CaptureFrame implements Frame {
  readonly #lab: string;
  readonly #interfaces: readonly CapturedInterface[];
  readonly #startMs = Date.now();
  #counts: ReadonlyMap<number, TapCounts> = new Map();

  constructor(lab: string, interfaces: readonly CapturedInterface[]) {
    this.#lab = lab;
    this.#interfaces = interfaces;
  }

  set counts(counts: readonly TapCounts[]) {
    this.#counts = new Map(counts.map((each) => [each.id, each]));
  }

  countsOf(id: number): TapCounts {
    return this.#counts.get(id) ?? { id, received: 0, dropped: 0, delivered: 0 };
  }

  readonly header = (): Uint8Array =>
    Buffer.concat([
      sectionHeader({ application: 'linkloom', os: `${type()} ${release()}`, comment: `lab ${this.#lab}` }),
      ...this.#interfaces.map(interfaceDescription),
    ]);

  readonly trailer = (): Uint8Array => {
    const endMs = Date.now();
    return Buffer.concat(
      this.#interfaces.map((_, id) => {
        const { received, dropped, delivered } = this.countsOf(id);
        const statistics: InterfaceStatistics = { startMs: this.#startMs, endMs, received, dropped, delivered };
        return interfaceStatistics(id, statistics);
      }),
    );
  };
}
