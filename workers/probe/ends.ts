import { macBytes } from '../../src/net/mac.ts';
import type { ProbeEnd, ProbeFailure, ProbePlace } from '../../src/wire/probe.ts';
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

/** A socket, and the ends that it receives for. */
export interface ProbeSocket {
  readonly fd: number;
  readonly place: number;
  /** Where a received frame has its probe. */
  readonly offset: number;
  /** The end that all it receives is for; null: the message says which device. */
  readonly only: number | null;
}

/** An end, and all that sending from it and to it needs. */
export interface OpenEnd extends ProbeEnd {
  readonly number: number;
  readonly macBytes: Uint8Array;
  /** Its socket's place in the list of sockets; -1: its namespace could not be entered. */
  readonly socket: number;
  readonly ethertype: number;
  readonly offset: number;
}

/** The sockets in all namespaces. They are open before the first probe is sent, so that none arrives unseen. */
export class OpenEnds {
  readonly ends: readonly OpenEnd[];
  readonly sockets: readonly ProbeSocket[];
  readonly failures: readonly ProbeFailure[];
  readonly #byIndex: readonly Map<number, number>[];

  /** Needs CAP_SYS_ADMIN and CAP_NET_RAW. Throws HomeLost, and SystemFault where this process has no descriptor or no memory left. */
  constructor(places: readonly ProbePlace[], ends: readonly ProbeEnd[]) {
    const sockets: ProbeSocket[] = [];
    const failures: ProbeFailure[] = [];
    const opened: OpenEnd[] = [];
    this.#byIndex = places.map(() => new Map());
    const ofPlace = endsOfPlaces(places, ends);
    try {
      places.forEach((place, number) => {
        try {
          opened.push(...openPlace(place, number, ofPlace[number] ?? [], sockets));
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
    const byNumber = new Map(opened.map((end) => [end.number, end]));
    this.ends = ends.map((end, number) => byNumber.get(number) ?? { ...unopened(end), number });
    for (const { place, ifindex, number } of this.ends) this.#byIndex[place]?.set(ifindex, number);
    this.sockets = sockets;
    this.failures = failures;
  }

  /** The end that a device is; undefined: none. */
  endAt(place: number, ifindex: number): number | undefined {
    return this.#byIndex[place]?.get(ifindex);
  }

  [Symbol.dispose](): void {
    closeAll(this.sockets);
  }
}

function endsOfPlaces(
  places: readonly ProbePlace[],
  ends: readonly ProbeEnd[],
): readonly (readonly [number, ProbeEnd])[][] {
  const lists: (readonly [number, ProbeEnd])[][] = places.map(() => []);
  for (const [number, end] of ends.entries()) lists[end.place]?.push([number, end]);
  return lists;
}

function openPlace(
  { ns, inode }: ProbePlace,
  place: number,
  ends: readonly (readonly [number, ProbeEnd])[],
  sockets: ProbeSocket[],
): OpenEnd[] {
  using namespace = Namespace.open(ns);
  if (namespace.inode !== inode) throw new SystemFault('open', ns, 0, 'the namespace has been replaced');
  const before = sockets.length;
  try {
    return namespace.enter(() => {
      let shared = -1;
      return ends.map(([number, end]) => {
        const own = hearsAlone(end);
        if (own !== null) {
          sockets.push({ fd: openProbeSocket(own), place, offset: own.offset, only: number });
          return { ...unopened(end), number, socket: sockets.length - 1 };
        }
        if (shared < 0) {
          sockets.push({ fd: openProbeSocket({ kind: 'place' }), place, offset: ETH_HEADER_BYTES, only: null });
          shared = sockets.length - 1;
        }
        return { ...unopened(end), number, socket: shared };
      });
    });
  } catch (error) {
    closeAll(sockets.splice(before));
    throw error;
  }
}

/** What the socket of an end hears that needs one of its own; null: it needs none. */
function hearsAlone({ isPort, ifindex, address }: ProbeEnd): (Hears & { readonly offset: number }) | null {
  if (address !== null) {
    const family = familyOf(address);
    return { kind: 'ip', ifindex, ethertype: ethertypeOf(family), offset: probeOffset(family) };
  }
  return isPort ? { kind: 'port', ifindex, offset: ETH_HEADER_BYTES } : null;
}

function unopened(end: ProbeEnd): Omit<OpenEnd, 'number'> {
  const family = end.address === null ? null : familyOf(end.address);
  return {
    ...end,
    macBytes: macBytes(end.mac),
    socket: -1,
    ethertype: family === null ? PROBE_ETHERTYPE : ethertypeOf(family),
    offset: family === null ? ETH_HEADER_BYTES : probeOffset(family),
  };
}

function closeAll(sockets: readonly ProbeSocket[]): void {
  for (let from = 0; from < sockets.length; from += CLOSED_AT_ONCE) {
    libc.closeTogether(sockets.slice(from, from + CLOSED_AT_ONCE).map(({ fd }) => fd));
  }
}
