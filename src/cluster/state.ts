/** What each host tells about itself. Each host writes its own keys only. */

import type { NodeKey } from '../spread/spread.ts';
import type { HostName } from './names.ts';

/** What a host can do for labs; `trunk`: one device for all wires between hosts. */
export type HostFeature = 'trunk' | 'vxlan' | 'geneve' | 'ovs';

/** What a host is. Key `HOST.info` of the bucket of states. */
export interface HostInfo {
  /** Version of linkloom. */
  readonly version: string;
  /** Where the tunnels of other hosts reach it: IPv4 or IPv6, canonical. */
  readonly address: string;
  /** The MTU of the device that has this address. */
  readonly underlayMtu: number;
  readonly features: readonly HostFeature[];
  /** The containers that run on it, by the names with which links select them: `container/NAME` and `service/NAME`. */
  readonly nodes: readonly NodeKey[];
  /** What `hosts:` of a configuration can select it by. */
  readonly labels: Readonly<Record<string, string>>;
  /** How much it takes: its share of nodes is in proportion to `cpus`. */
  readonly capacity: { readonly cpus: number; readonly memoryMiB: number };
}

/** `ends`: all that the host makes of its own is there. `whole`: and so it is on all hosts that it shares wires with. */
export type Phase = 'ends' | 'whole';

/** How far a host is with a lab. Key `HOST.lab.LAB` of the bucket of states. */
export interface LabState {
  readonly epoch: string;
  /** The revision of the record that the host has carried out, as far as it can: failures are listed. */
  readonly rev: number;
  readonly phase: Phase;
  /** Whether the host has removed its part, because the record says `deleted`. */
  readonly deleted: boolean;
  /** Numbers of links of this host: wanted, made by this revision, changed, removed, failed now. */
  readonly desired: number;
  readonly created: number;
  readonly changed: number;
  readonly removed: number;
  readonly failed: number;
  /** How many links wait for a container or for their other end. Absent: the agent is an older one. */
  readonly pending?: number;
  /** What is waited for, for people: the first few. */
  readonly waits?: readonly string[];
  /** The first 20 failures. */
  readonly failures: readonly { readonly link: string; readonly code: string; readonly message: string }[];
  /** The containers of the lab that run on this host: its claims. */
  readonly containers: readonly NodeKey[];
  /** What keeps the host from a newer record that it has seen, for people; null: nothing does. */
  readonly held: string | null;
  /** Milliseconds from the record's arrival to the end of the pass. */
  readonly ms: number;
  /** By the host's clock: RFC 3339, for people. */
  readonly at: string;
}

/** Who speaks for a host. Key `HOST` of the bucket of leases; it goes by itself if it is not renewed. */
export interface Lease {
  /** The kernel's boot id. */
  readonly boot: string;
  readonly pid: number;
  /** Made anew by each process: tells the holder from another process of the same boot and pid. */
  readonly holder: string;
}

/** What a host has, and whether it lives. */
export interface HostView {
  readonly host: HostName;
  /** null: it has never told. */
  readonly info: HostInfo | null;
  /** null: no agent of that name lives. */
  readonly lease: Lease | null;
  /** By lab. */
  readonly labs: ReadonlyMap<string, LabState>;
}
