/**
 * `proof/` proves where wires go, and decides only: which devices have to hear each other by the configuration, which probes show
 * it, and what arrivals mean. Pure; the probes are sent by `workers/probe/`.
 *
 * This file: the result, as data.
 */

export const PROOF_STATES = [
  'ok',
  'nothing',
  'one-way',
  'partial',
  'miswired',
  'mtu',
  'down',
  'missing',
  'not-running',
  'not-proved',
] as const;

/**
 * What is proved of a link. `nothing`: no probe arrives in either direction; `one-way`: in one direction none; `partial`: some kinds
 * of frames, or frames of some of the others; `miswired`: it is tied to something else; `mtu`: a frame of full size does not pass
 * where a small one does; `down` and `missing`: its device; `not-running`: its node. `not-proved`: nothing could be tried, by design;
 * no fault.
 */
export type ProofState = (typeof PROOF_STATES)[number];

/** What the probes of one link have shown. */
export interface LinkProof {
  /** `NODE:DEV`. */
  readonly link: string;
  readonly state: ProofState;
  /** The broadcast domain, for people: the bridge's name, `vlan 5 of BRIDGE`, `children of enp1s0`. null: none. */
  readonly domain: string | null;
  /** What is wrong, or why nothing is proved, for people. null: it is ok. */
  readonly message: string | null;
  /** What to do. null: nothing, or nothing is known. */
  readonly hint: string | null;
  /** Links of other domains whose probes arrived here. */
  readonly hears: readonly string[];
  /** Links of other domains, and other devices, at which its own probes arrived. */
  readonly heardBy: readonly string[];
  /** The greatest MTU with which a frame passed, out of this link. null: none of full size was asked for, or passed. */
  readonly mtuBytes: number | null;
  /** The least time through the kernel, in nanoseconds: out of the node, and into it. null: not measured. */
  readonly latencyNs: { readonly out: number | null; readonly in: number | null };
}

export interface TunnelProof {
  /** The name of its device. */
  readonly tunnel: string;
  readonly bridge: string;
  readonly message: string;
}

/** What `verify` has found out about the wires of a lab. */
export interface Proof {
  readonly lab: string;
  readonly links: readonly LinkProof[];
  /** Tunnels are never proved: their far ends are not of this lab. */
  readonly tunnels: readonly TunnelProof[];
  readonly probes: ProbeCounts;
}

export interface ProbeCounts {
  readonly sockets: number;
  /** Frames that were handed to the kernel. */
  readonly sent: number;
  /** Of these, in how many places one arrived. */
  readonly arrived: number;
}

/** Whether a state is a fault. */
export function isFault(state: ProofState): boolean {
  return state !== 'ok' && state !== 'not-proved';
}

/** How many links have a state. */
export function countOf(links: readonly LinkProof[], isCounted: (state: ProofState) => boolean): number {
  return links.reduce((sum, { state }) => sum + (isCounted(state) ? 1 : 0), 0);
}
