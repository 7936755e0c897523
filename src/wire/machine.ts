/** What a worker is asked about the machine: what its kernel supports, and what blocks packets. */

/** Types of devices, by the kernel's names (IFLA_INFO_KIND). */
export const DEVICE_FEATURES = [
  'veth',
  'bridge',
  'dummy',
  'vlan',
  'macvlan',
  'macvtap',
  'ipvlan',
  'ipvtap',
  'vxlan',
  'geneve',
  'gretap',
  'ip6gretap',
] as const;

/**
 * Queueing disciplines, filters and actions, by tc(8)'s names. `match-all`: a filter that takes every packet, u32 or
 * matchall.
 */
export const TRAFFIC_FEATURES = ['netem', 'tbf', 'ingress', 'match-all', 'mirred'] as const;

/** `trunk`: one device for all wires between two hosts (`workers/machine/trunk-feature.ts`). */
const OTHER_FEATURES = ['trunk', 'vlan-filtering', 'nftables', 'openvswitch'] as const;

/** Everything that a kernel may support or lack. */
export const FEATURES = [...DEVICE_FEATURES, ...TRAFFIC_FEATURES, ...OTHER_FEATURES] as const;

export type DeviceFeature = (typeof DEVICE_FEATURES)[number];
export type TrafficFeature = (typeof TRAFFIC_FEATURES)[number];
export type Feature = (typeof FEATURES)[number];

/** Examine this machine. Nothing is made that others can see. */
export interface MachineTask {
  readonly task: 'machine';
  /** Kernel features to test. The test makes the kernel load the feature's module, if there is one. */
  readonly features: readonly Feature[];
  /** Canonical addresses. For each, the worker looks up the route from linkloom's own namespace. */
  readonly remotes: readonly string[];
  /** Look for firewall chains that packets between devices of linkloom's own namespace pass through. */
  readonly firewall: boolean;
  /**
   * Make this many veth pairs, and a few bridges, in namespaces without a name, and measure the time that a pair and the end of a
   * bridge take. 0: measure nothing.
   */
  readonly calibrationPairs: number;
}

/**
 * Find out which of these the kernel lacks. For one who needs to know nothing else of the machine: it takes a millisecond, so the thread
 * that asks can do it.
 */
export interface TrafficTask {
  readonly task: 'traffic';
  /** The test makes the kernel load the feature's module, if there is one. */
  readonly features: readonly TrafficFeature[];
}

export interface TrafficResult {
  /** Features of the task that the kernel lacks. */
  readonly missing: readonly TrafficFeature[];
}

/** A firewall chain that forwarded or bridged packets pass through. */
export interface FirewallChain {
  /** `ip`, `ip6`, `inet`, `arp`, `bridge` or `netdev`; `iptables` or `ip6tables` for tables of the older firewall. */
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** Whether the chain drops packets that no rule accepts. */
  readonly drops: boolean;
}

/** The route to another machine. */
export interface Underlay {
  readonly remote: string;
  readonly dev: string;
  readonly mtuBytes: number;
}

export interface MachineResult {
  /** Features of the task that the kernel lacks. */
  readonly missing: readonly Feature[];
  /** Routes to those remotes that have one. */
  readonly underlays: readonly Underlay[];
  readonly firewall: readonly FirewallChain[];
  /** Milliseconds for one veth pair. null: not measured. */
  readonly pairMs: number | null;
  /** Milliseconds that each further bridge takes of a message that deletes several. null: not measured. */
  readonly bridgeMs: number | null;
}
