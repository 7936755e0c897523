/** Messages to and from the prober's thread. Many numbers cross here, so they cross as typed arrays. */
import type { NsId } from '../net/ns-id.ts';
import type { OpFailure } from './failure.ts';

/** What the prober's thread is started with. */
export interface ProbeStart {
  /** Its first cell: not 0 asks the thread to wait for nothing any more. */
  readonly stop: SharedArrayBuffer;
}

/** A namespace that has devices to probe. */
export interface ProbePlace {
  readonly ns: NsId;
  /** Its inode, as observed: another namespace of the name is not entered. */
  readonly inode: number;
}

/** The value of `ProbeEnd.place` of an end on another host. */
export const ELSEWHERE = -1;

/** A device that sends and receives probes. Its number is its place in the list. */
export interface ProbeEnd {
  /** Number of its namespace in the list of places; ELSEWHERE: it is on another host, which sends its probes. */
  readonly place: number;
  readonly ifindex: number;
  readonly mac: string;
  /** Whether it is a port within its node: it needs a socket of its own then, since the other one sees only the port's bridge. */
  readonly isPort: boolean;
  /**
   * An address, without a length. A probe between two ends that have one is an IP packet: what has no layer 2 of its own (ipvlan)
   * gets nothing else. null: layer 2.
   */
  readonly address: string | null;
}

/** The same of all ends, as it crosses a thread: by columns. 100,000 objects would take tens of megabytes in each of the two. */
export interface ProbeEnds {
  readonly place: Int32Array;
  readonly ifindex: Int32Array;
  /** Six bytes for each end. */
  readonly macs: Uint8Array;
  /** 1: it is a port. */
  readonly isPort: Uint8Array;
  /** By its number, of the ends that have one. */
  readonly addresses: ReadonlyMap<number, string>;
}

/** The values of `ProbeBatch.to` beside the numbers of ends. */
export const TO_ALL = -1;

/** Probes to send. All lists have one entry for each probe. */
export interface ProbeBatch {
  /** The number of the sending end. */
  readonly from: Int32Array;
  /** The number of the end that it is addressed to; its own: it teaches a bridge where it is, and arrives nowhere; or TO_ALL. */
  readonly to: Int32Array;
  /** Length of the frame, its 14 bytes of header included. */
  readonly bytes: Int32Array;
  /** At how many ends of this host it is expected. */
  readonly copies: Int32Array;
  /**
   * `together`: as many as possible with each system call. `singly`: each is read at once where it should arrive, so there is one on
   * its way at a time; only these tell how long they took.
   */
  readonly pace: 'together' | 'singly';
  /** How long to wait for what is missing, in milliseconds. */
  readonly waitMs: number;
}

export type ProbeOrder =
  | {
      readonly order: 'open';
      readonly places: readonly ProbePlace[];
      readonly ends: ProbeEnds;
      /** 8 bytes that no other run has: all hosts of one proof have the same. null: any. */
      readonly run: Uint8Array | null;
    }
  | { readonly order: 'send'; readonly batch: ProbeBatch }
  | { readonly order: 'close' };

/** Frames that were received. All lists have one entry for each. */
export interface ProbeArrivals {
  /** The probe's place in its batch. */
  readonly probe: Int32Array;
  /** The number of the end that it arrived at; where that is none, -1 - its place in `others`. */
  readonly at: Int32Array;
  /** From the sending to the arrival, in nanoseconds. It means nothing of a probe that another host has sent. */
  readonly tookNs: Float64Array;
  /** Devices that are no ends. */
  readonly others: readonly { readonly place: number; readonly ifindex: number }[];
}

export type ProbeReport =
  /** Namespaces that could not be entered, by their place in the list. */
  | { readonly report: 'opened'; readonly sockets: number; readonly failures: readonly ProbeFailure[] }
  /** `refused`: errno of each probe that was not sent, else 0. */
  | { readonly report: 'sent'; readonly refused: Int32Array; readonly arrivals: ProbeArrivals }
  | { readonly report: 'failed'; readonly failure: OpFailure };

export interface ProbeFailure {
  readonly place: number;
  readonly failure: OpFailure;
}
