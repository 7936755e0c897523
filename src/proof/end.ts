/** A device that takes part in a proof, and the broadcast domain that it is in by the configuration. */
import type { NsId } from '../net/ns-id.ts';
import type { Found } from '../plan/observed.ts';
import type { Link } from '../topology/topology.ts';
import type { Netem } from '../topology/values.ts';
import type { LinkDump } from '../wire/seen.ts';
import type { ProofState } from './proof.ts';

/**
 * How a domain can be probed without a probe leaving the lab. `free`: also by broadcast. `taught`: something in it is not of this
 * lab, or one of its nodes bridges it to more; each end first makes the bridge learn its address by a frame to itself, and no frame
 * goes to an address that the bridge does not know. `exact`: to the addresses of the others alone.
 */
export type Manner = 'free' | 'taught' | 'exact';

export interface Domain {
  readonly key: string;
  /** For people. */
  readonly label: string;
  /** The bridge of the configuration that carries it. null: a parent that is not of this lab does. */
  readonly bridge: string | null;
  /** The key of the domain that carries this one's frames with a tag. null: it is no VLAN. */
  readonly below: string | null;
  readonly manner: Manner;
  readonly ends: readonly End[];
  /** Links of the domain that take no part, and why. */
  readonly absent: readonly Absent[];
}

/** What has to be known of an end to probe it, and to judge what arrived. It may be on another host. */
export interface End {
  /** Its place in the list of all ends. */
  readonly number: number;
  readonly link: Pick<Link, 'id'>;
  readonly mac: string;
  /** The configured MTU, or the device's where none is. */
  readonly mtuBytes: number;
  /** Where it is, as `placeKey` says it. */
  readonly place: string;
  /** Where its parent is. null: it has none. */
  readonly parent: string | null;
  /** Whether it hears other children of its parent. */
  readonly meetsSiblings: boolean;
  /** As of `ProbeEnd`. */
  readonly address: string | null;
  /** Impairments of what leaves it: its own, and its parents'. */
  readonly impairments: readonly Netem[];
}

/** An end on this host. */
export interface LocalEnd extends End {
  readonly link: Link;
  readonly ns: NsId;
  readonly device: LinkDump;
  /** The port on the switch side. null: it has none, or it was not found. */
  readonly port: Found | null;
}

/** A link that is not probed. */
export interface Absent {
  readonly link: Pick<Link, 'id'>;
  readonly state: Exclude<ProofState, 'ok' | 'one-way' | 'partial' | 'mtu'>;
  readonly message: string;
  readonly hint: string | null;
}

/** A device's key among parents. */
export function placeKey(ns: NsId, dev: string): string {
  return `${ns} ${dev}`;
}

/** Whether two ends of one domain have to hear each other: the children of one parent may not, and never hear the parent. */
export function meet(a: End, b: End): boolean {
  if (a === b) return false;
  if (a.parent === b.place || b.parent === a.place) return false;
  return a.parent === null || a.parent !== b.parent || (a.meetsSiblings && b.meetsSiblings);
}
