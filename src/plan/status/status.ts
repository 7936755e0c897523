/** The content of `status`: each link as wanted and as observed, and each bridge with its namespace. */

import type { CommandReport, Pending, ProgramReport } from '../../events.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { AdminState } from '../../topology/topology.ts';
import type { LinkDump } from '../../wire/seen.ts';
import type { Override } from '../plan.ts';

/** A link of the lab that is wanted, observed, or both. */
export interface LinkStatus {
  /** `NODE:DEV`. */
  readonly link: string;
  readonly ns: NsId;
  readonly dev: string;
  /** The link's bridge. null: links of this type have none. */
  readonly bridge: string | null;
  /** The state wanted. null: the link is not in the configuration, or no configuration was given. */
  readonly desired: AdminState | null;
  /** Whether that is `down` only until all links of the lab are made (`state: late`). Absent: no. */
  readonly isHeldBack?: true;
  /** The observed device. null: it is missing. */
  readonly observed: LinkDump | null;
  /** Observed addresses, as canonical prefixes. */
  readonly addresses: readonly string[];
  /** The end in the switch namespace. null: this type has none, or it is missing. */
  readonly port: { readonly ns: NsId; readonly dev: string } | null;
  /** The link's other end or its parent does not exist yet; `drift` says which. */
  readonly waits: boolean;
  /**
   * The differences from what is wanted, for people: `mtu 1500 → 9000`. Empty: there are none, or no configuration was
   * given.
   */
  readonly drift: readonly string[];
  /** What was set by hand, on both ends. It is no drift. */
  readonly overrides: readonly Override[];
}

/** A bridge device of the lab. */
export interface BridgeStatus {
  readonly name: string;
  readonly ns: NsId;
  readonly desired: boolean;
  /** The observed device. null: it is missing. */
  readonly observed: LinkDump | null;
  readonly ports: number;
}

/** A tunnel of the lab. */
export interface TunnelStatus {
  /** The name of the tunnel's device. */
  readonly name: string;
  readonly ns: NsId;
  readonly type: string;
  /** The tunnel's bridge. null: it is in none. */
  readonly bridge: string | null;
  readonly remote: string;
  /** null: the device has no VNI. */
  readonly vni: number | null;
  readonly desired: boolean;
  /** The observed device. null: it is missing. */
  readonly observed: LinkDump | null;
  /** As in LinkStatus. */
  readonly drift: readonly string[];
}

/** A node of the lab. */
export interface NodeStatus {
  /** The node's name. null: its namespace is the lab's, and in no configuration. */
  readonly node: string | null;
  readonly ns: NsId;
  /** `missing`: its namespace is not there. `differs`: addresses of its `lo` do. `extra`: it is in no configuration. */
  readonly state: 'ok' | 'missing' | 'differs' | 'extra';
  /** As in LinkStatus. */
  readonly drift: readonly string[];
}

/** A lab as it is wanted and as the kernel has it. */
export interface StatusReport {
  readonly lab: string;
  /** false: the report is by marks alone, as no configuration was given. */
  readonly configured: boolean;
  /** Empty without a configuration. A node that does not run is in `pending`. */
  readonly nodes: readonly NodeStatus[];
  readonly links: readonly LinkStatus[];
  readonly bridges: readonly BridgeStatus[];
  readonly tunnels: readonly TunnelStatus[];
  /** Nodes that do not run, and links that wait. */
  readonly pending: readonly Pending[];
  /** Programs of `run:`: those of the configuration, and others that are known. */
  readonly programs: readonly ProgramReport[];
  /** Configured commands, and other commands that still run. */
  readonly commands: readonly CommandReport[];
}
