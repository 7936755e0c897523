/** What `status` tells: each link as wanted and as seen, each bridge and where it is. */

import type { CommandReport, Pending } from '../../events.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { AdminState } from '../../topology/topology.ts';
import type { LinkDump } from '../../wire/seen.ts';

/** A link of the lab, wanted, seen or both. */
export interface LinkStatus {
  /** `NODE:DEV`. */
  readonly link: string;
  readonly ns: NsId;
  readonly dev: string;
  /** Broadcast domain; null for types without one. */
  readonly bridge: string | null;
  /** State wanted; null: there, but not in the configuration (or none was given). */
  readonly desired: AdminState | null;
  /** The device as seen; null: missing. */
  readonly observed: LinkDump | null;
  /** Addresses seen, canonical prefixes. */
  readonly addresses: readonly string[];
  /** The end in the switch namespace; null for types without one, and where it is missing. */
  readonly port: { readonly ns: NsId; readonly dev: string } | null;
  /** Its other end or its parent is not there yet: `drift` says which. */
  readonly waits: boolean;
  /** What differs from what is wanted, for people: `mtu 1500 → 9000`. Empty: nothing does, or nothing was given to compare. */
  readonly drift: readonly string[];
}

/** A bridge device of the lab. */
export interface BridgeStatus {
  readonly name: string;
  readonly ns: NsId;
  readonly desired: boolean;
  /** null: missing. */
  readonly observed: LinkDump | null;
  readonly ports: number;
}

/** A tunnel of the lab. */
export interface TunnelStatus {
  /** Its device. */
  readonly name: string;
  readonly ns: NsId;
  readonly type: string;
  /** null: in none. */
  readonly bridge: string | null;
  readonly remote: string;
  /** null: the device has none. */
  readonly vni: number | null;
  readonly desired: boolean;
  /** null: missing. */
  readonly observed: LinkDump | null;
  /** As of links. */
  readonly drift: readonly string[];
}

export interface StatusReport {
  readonly lab: string;
  /** false: told by marks alone, there was no configuration to compare with. */
  readonly configured: boolean;
  readonly links: readonly LinkStatus[];
  readonly bridges: readonly BridgeStatus[];
  readonly tunnels: readonly TunnelStatus[];
  /** Nodes that do not run, and links that wait. */
  readonly pending: readonly Pending[];
  /** Configured commands, and others that still run. */
  readonly commands: readonly CommandReport[];
}
