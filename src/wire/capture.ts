/** Messages to and from the capturing thread. Plain data, like everything in this folder. */
import type { NsId } from '../net/ns-id.ts';
import type { OpFailure } from './failure.ts';

/** A device to capture on. */
export interface Tap {
  /** The interface's id in the capture. One tap follows another with the same id where a device was made anew. */
  readonly id: number;
  readonly ns: NsId;
  readonly dev: string;
}

/** Devices of one namespace to capture on: of each its id and its name, at the same place. */
export interface TapGroup {
  readonly ns: NsId;
  readonly ids: readonly number[];
  readonly devs: readonly string[];
}

/** What all devices of a capture have in common. */
export interface TapSettings {
  /** The filter, as the kernel takes it (an array of `struct sock_filter`). It also says how many bytes of a packet are kept. */
  readonly program: Uint8Array;
  readonly snaplenBytes: number;
  /** Each device has a socket and a ring of its own. null: they are too many, and have sockets without rings. */
  readonly ring: { readonly blockBytes: number; readonly blocks: number } | null;
  /** Whether a socket without a ring hears several devices of its namespace. */
  readonly isShared: boolean;
}

/** What the capturing thread is started with. */
export interface CaptureStart extends TapSettings {
  readonly groups: readonly TapGroup[];
  /** Ids are below. */
  readonly interfaces: number;
  /** The capture ends with this packet. null: there is no limit. */
  readonly packets: number | null;
  /** The capture ends when the reader of this descriptor, a pipe or a socket, is gone. null: nobody reads from a pipe. */
  readonly readerFd: number | null;
  /** The bytes of packets that have been written, modulo 2^32. The main thread adds to it; the capturing thread is never far ahead. */
  readonly written: Int32Array;
}

/** An order to the capturing thread. After posting it, the sender has to write a byte to the thread's `wakeFd`. */
export type CaptureOrder = { readonly order: 'open'; readonly tap: Tap } | { readonly order: 'end' };

/** What became of the packets of each interface, since the beginning and over all its devices, by the interfaces' ids. */
export interface TapCounts {
  /** Packets that passed the filter, as far as it is known of which interface each was. */
  readonly received: Float64Array;
  /** Those of them that found no room. */
  readonly dropped: Float64Array;
  readonly delivered: Float64Array;
  /** Packets that found no room in sockets of several interfaces: nobody knows of which one each was. They are in no other count. */
  readonly together: readonly DroppedTogether[];
}

/** Zeros, for so many interfaces. */
export function noCounts(interfaces: number): TapCounts {
  const zeros = (): Float64Array => new Float64Array(interfaces);
  return { received: zeros(), dropped: zeros(), delivered: zeros(), together: [] };
}

export interface DroppedTogether {
  readonly ids: readonly number[];
  readonly dropped: number;
}

export interface OpenedTap {
  readonly id: number;
  readonly ok: true;
  /** ARPHRD_ value (linux/if_arp.h). */
  readonly hardwareType: number;
  readonly mac: Uint8Array;
  readonly isUp: boolean;
}

/** A device that can't be captured on. */
export interface RefusedTap {
  readonly id: number;
  readonly ok: false;
  readonly failure: OpFailure;
}

/** The devices that could be opened, by the interfaces' ids: what OpenedTap says, packed. */
export interface OpenedTaps {
  /** Bits of TAP_STATE. */
  readonly state: Uint8Array;
  readonly hardwareType: Uint16Array;
  /** Six bytes each. */
  readonly mac: Uint8Array;
}

export const TAP_STATE = { isOpen: 1, isUp: 2 } as const;

/** A report of the capturing thread. */
export type CaptureReport =
  /** First of all. Each tap that the thread was started with was opened or refused. */
  | {
      readonly report: 'ready';
      readonly wakeFd: number;
      readonly opened: OpenedTaps;
      readonly refused: readonly RefusedTap[];
    }
  /** After an order to open a tap. */
  | { readonly report: 'opened'; readonly tap: OpenedTap | RefusedTap }
  /** Whole blocks of pcapng, in the order of time as far as possible. */
  | { readonly report: 'packets'; readonly blocks: Uint8Array }
  /** Now and then while packets come. */
  | { readonly report: 'counts'; readonly counts: TapCounts }
  /** The device or its namespace is gone. All that it had received has been reported. */
  | { readonly report: 'gone'; readonly id: number }
  | { readonly report: 'readerGone' }
  /** Last of all. */
  | { readonly report: 'ended'; readonly counts: TapCounts }
  /** In place of all else, or at any time: the thread can't go on. */
  | { readonly report: 'failed'; readonly failure: OpFailure };
