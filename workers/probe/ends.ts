import { ELSEWHERE, type ProbeEnds, type ProbeFailure, type ProbePlace } from '../../src/wire/probe.ts';
import { failureOf } from '../failure.ts';
import * as libc from '../libc.ts';
import { Namespace } from '../namespaces.ts';
import { isExhausted, SystemFault } from '../netlink/fault.ts';
import { HomeLost } from '../netns.ts';
import { ETH_HEADER_BYTES, PROBE_ETHERTYPE } from './frame.ts';
import { ethertypeOf, familyOf, probeOffset } from './ip.ts';
import { type Hears, openProbeSocket } from './socket.ts';

/** How many sockets are closed at the same time: each takes a thread for as long as the kernel waits. */
const CLOSED_AT_ONCE = 64;
/** Six bytes (IEEE 802). */
const MAC_BYTES = 6;

/** A socket, and the ends that it receives for. */
export interface ProbeSocket {
  readonly fd: number;
  readonly place: number;
  /** Where a received frame has its probe. */
  readonly offset: number;
  /** The end that all it receives is for; null: the message says which device. */
  readonly only: number | null;
}

/**
 * The sockets in all namespaces. They are open before the first probe is sent, so that none arrives unseen. What is kept of the ends are
 * columns, as they came.
 */
export class OpenEnds {
  readonly sockets: readonly ProbeSocket[];
  readonly failures: readonly ProbeFailure[];
  readonly #ends: ProbeEnds;
  /** By the number of the end, the place of its socket in the list of sockets; -1: its namespace could not be entered, or is on another host. */
  readonly #socketOf: Int32Array;
  readonly #byPlace: EndsOfPlaces;

  /** Needs CAP_SYS_ADMIN and CAP_NET_RAW. Throws HomeLost, and SystemFault where this process has no descriptor or no memory left. */
  constructor(places: readonly ProbePlace[], ends: ProbeEnds) {
    const sockets: ProbeSocket[] = [];
    const failures: ProbeFailure[] = [];
    this.#ends = ends;
    this.#byPlace = new EndsOfPlaces(places.length, ends);
    this.#socketOf = new Int32Array(ends.place.length).fill(-1);
    try {
      places.forEach((place, number) => {
        try {
          this.#openPlace(place, number, sockets);
        } catch (error) {
          // What is wrong with this process is wrong with no namespace: its links would be told as faulty.
          if (error instanceof HomeLost || isExhausted(error)) throw error;
          failures.push({ place: number, failure: failureOf(null, error) });
        }
      });
    } catch (error) {
      closeAll(sockets);
      throw error;
    }
    this.sockets = sockets;
    this.failures = failures;
  }

  has(end: number): boolean {
    return end >= 0 && end < this.#socketOf.length;
  }

  /** Whether an end is on another host. */
  isElsewhere(end: number): boolean {
    return this.#ends.place[end] === ELSEWHERE;
  }

  /** undefined: there is none that could be opened. */
  socketOf(end: number): ProbeSocket | undefined {
    return this.sockets[this.#socketOf[end] ?? -1];
  }

  ifindexOf(end: number): number {
    return this.#ends.ifindex[end] ?? 0;
  }

  macOf(end: number): Uint8Array {
    return this.#ends.macs.subarray(MAC_BYTES * end, MAC_BYTES * (end + 1));
  }

  /** As of `ProbeEnd`. */
  addressOf(end: number): string | null {
    return this.#ends.addresses.get(end) ?? null;
  }

  ethertypeOf(end: number): number {
    const address = this.addressOf(end);
    return address === null ? PROBE_ETHERTYPE : ethertypeOf(familyOf(address));
  }

  /** Where its frames have their probe. */
  offsetOf(end: number): number {
    const address = this.addressOf(end);
    return address === null ? ETH_HEADER_BYTES : probeOffset(familyOf(address));
  }

  /** The end that a device is; undefined: none. */
  endAt(place: number, ifindex: number): number | undefined {
    return this.#byPlace.find(place, ifindex);
  }

  [Symbol.dispose](): void {
    closeAll(this.sockets);
  }

  #openPlace({ ns, inode }: ProbePlace, place: number, sockets: ProbeSocket[]): void {
    using namespace = Namespace.open(ns);
    if (namespace.inode !== inode) throw new SystemFault('open', ns, 0, 'the namespace has been replaced');
    const before = sockets.length;
    const ends = this.#byPlace.of(place);
    try {
      namespace.enter(() => {
        let shared = -1;
        for (const end of ends) {
          const own = hearsAlone(this.ifindexOf(end), this.#ends.isPort[end] === 1, this.addressOf(end));
          if (own !== null) sockets.push({ fd: openProbeSocket(own), place, offset: own.offset, only: end });
          else if (shared < 0) {
            shared = sockets.length;
            sockets.push({ fd: openProbeSocket({ kind: 'place' }), place, offset: ETH_HEADER_BYTES, only: null });
          }
          this.#socketOf[end] = own === null ? shared : sockets.length - 1;
        }
      });
    } catch (error) {
      closeAll(sockets.splice(before));
      for (const end of ends) this.#socketOf[end] = -1;
      throw error;
    }
  }
}

/** The numbers of the ends of each place, in the order of their indexes. */
class EndsOfPlaces {
  readonly #ifindex: Int32Array;
  /** Place after place. */
  readonly #numbers: Int32Array;
  /** Where the ends of each place begin; the last one is where all end. */
  readonly #starts: Int32Array;

  constructor(places: number, { place, ifindex }: ProbeEnds) {
    const isHere = (end: number): boolean => (place[end] ?? -1) >= 0;
    const placeOf = (end: number): number => place[end] ?? 0;
    const indexOf = (end: number): number => ifindex[end] ?? 0;
    this.#ifindex = ifindex;
    this.#numbers = Int32Array.from(place.keys())
      .filter(isHere)
      .sort((a, b) => placeOf(a) - placeOf(b) || indexOf(a) - indexOf(b) || a - b);
    this.#starts = new Int32Array(places + 1).fill(this.#numbers.length);
    for (let at = this.#numbers.length - 1; at >= 0; at--) this.#starts[placeOf(this.#numbers[at] ?? 0)] = at;
    for (let at = places - 1; at >= 0; at--)
      this.#starts[at] = Math.min(this.#starts[at] ?? 0, this.#starts[at + 1] ?? 0);
  }

  of(place: number): Int32Array {
    return this.#numbers.subarray(this.#starts[place] ?? 0, this.#starts[place + 1] ?? 0);
  }

  /** Of several ends on one device the last one. */
  find(place: number, ifindex: number): number | undefined {
    let [low, high] = [this.#starts[place] ?? 0, this.#starts[place + 1] ?? 0];
    const start = low;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ifindex[this.#numbers[middle] ?? 0] ?? 0) <= ifindex) low = middle + 1;
      else high = middle;
    }
    const found = low > start ? this.#numbers[low - 1] : undefined;
    return found !== undefined && this.#ifindex[found] === ifindex ? found : undefined;
  }
}

/** What the socket of an end hears that needs one of its own; null: it needs none. */
function hearsAlone(
  ifindex: number,
  isPort: boolean,
  address: string | null,
): (Hears & { readonly offset: number }) | null {
  if (address !== null) {
    const family = familyOf(address);
    return { kind: 'ip', ifindex, ethertype: ethertypeOf(family), offset: probeOffset(family) };
  }
  return isPort ? { kind: 'port', ifindex, offset: ETH_HEADER_BYTES } : null;
}

function closeAll(sockets: readonly ProbeSocket[]): void {
  for (let from = 0; from < sockets.length; from += CLOSED_AT_ONCE) {
    libc.closeTogether(sockets.slice(from, from + CLOSED_AT_ONCE).map(({ fd }) => fd));
  }
}
