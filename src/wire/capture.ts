/** Messages to and from the capturing thread. Plain data, like everything in this folder. */
import type { NsId } from '../net/ns-id.ts';
import type { OpFailure } from './failure.ts';

/** A device to capture on. */
export interface Tap {
  /** The interface's id in the capture. One tap follows another with the same id where a device was made anew. */
  readonly id: number;
  readonly ns: NsId;
  readonly dev: string;
  /** The filter, as the kernel takes it (an array of `struct sock_filter`). It also says how many bytes of a packet are kept. */
  readonly program: Uint8Array;
  readonly snaplenBytes: number;
  readonly blockBytes: number;
  readonly blocks: number;
}

/** What the capturing thread is started with. */
export interface CaptureStart {
  readonly taps: readonly Tap[];
  /** The capture ends with this packet. null: there is no limit. */
  readonly packets: number | null;
  /** The capture ends when the reader of this descriptor, a pipe or a socket, is gone. null: nobody reads from a pipe. */
  readonly readerFd: number | null;
  /** The bytes of packets that have been written, modulo 2^32. The main thread adds to it; the capturing thread is never far ahead. */
  readonly written: Int32Array;
}

/** An order to the capturing thread. After posting it, the sender has to write a byte to the thread's `wakeFd`. */
export type CaptureOrder = { readonly order: 'open'; readonly tap: Tap } | { readonly order: 'end' };

/** What the kernel counts of an interface, since the beginning and over all its devices. */
export interface TapCounts {
  readonly id: number;
  readonly received: number;
  readonly dropped: number;
  readonly delivered: number;
}

export interface OpenedTap {
  readonly id: number;
  readonly ok: true;
  /** ARPHRD_ value (linux/if_arp.h). */
  readonly hardwareType: number;
  readonly mac: Uint8Array | null;
  readonly isUp: boolean;
}

/** A device that can't be captured on. */
export interface RefusedTap {
  readonly id: number;
  readonly ok: false;
  readonly failure: OpFailure;
}

/** A report of the capturing thread. */
export type CaptureReport =
  /** First of all, with a result for each tap that the thread was started with. */
  | { readonly report: 'ready'; readonly wakeFd: number; readonly taps: readonly (OpenedTap | RefusedTap)[] }
  /** After an order to open a tap. */
  | { readonly report: 'opened'; readonly tap: OpenedTap | RefusedTap }
  /** Whole blocks of pcapng, in the order of time as far as possible. */
  | { readonly report: 'packets'; readonly blocks: Uint8Array }
  /** Now and then while packets come. */
  | { readonly report: 'counts'; readonly counts: readonly TapCounts[] }
  /** The device or its namespace is gone. All that it had received has been reported. */
  | { readonly report: 'gone'; readonly id: number }
  | { readonly report: 'readerGone' }
  /** Last of all. */
  | { readonly report: 'ended'; readonly counts: readonly TapCounts[] }
  /** In place of all else, or at any time: the thread can't go on. */
  | { readonly report: 'failed'; readonly failure: OpFailure };
