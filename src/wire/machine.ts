/** What a worker is asked about the machine itself: what its kernel can do, and what is in the way of packets. */

/** Kinds of devices, by the kernel's word (IFLA_INFO_KIND). */
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

/** Queueing disciplines, filters and actions, by tc(8)'s words; `match-all`: a filter that takes every packet, u32 or matchall. */
export const TRAFFIC_FEATURES = ['netem', 'tbf', 'ingress', 'match-all', 'mirred'] as const;

const OTHER_FEATURES = ['vlan-filtering', 'nftables', 'openvswitch'] as const;

/** All that a kernel may have or lack. */
export const FEATURES = [...DEVICE_FEATURES, ...TRAFFIC_FEATURES, ...OTHER_FEATURES] as const;

export type DeviceFeature = (typeof DEVICE_FEATURES)[number];
export type TrafficFeature = (typeof TRAFFIC_FEATURES)[number];
export type Feature = (typeof FEATURES)[number];

/** Find out what is so here. Nothing that others see is made. */
export interface MachineTask {
  readonly task: 'machine';
  /** Of the kernel; to ask makes it load a module, if there is one. */
  readonly features: readonly Feature[];
  /** Canonical addresses: by what are they reached from linkloom's own namespace? */
  readonly remotes: readonly string[];
  /** Look for chains that packets pass between devices of linkloom's own namespace. */
  readonly firewall: boolean;
  /** Make so many pairs of veth in a namespace without a name, and say how long one takes; 0: none. */
  readonly calibrationPairs: number;
}

/** A chain of a firewall through which forwarded or bridged packets go. */
export interface FirewallChain {
  /** `ip`, `ip6`, `inet`, `arp`, `bridge`, `netdev`; `iptables`, `ip6tables` for the tables of before nftables. */
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** Whether what no rule takes is dropped. */
  readonly drops: boolean;
}

/** The way to another machine. */
export interface Underlay {
  readonly remote: string;
  readonly dev: string;
  readonly mtuBytes: number;
}

export interface MachineResult {
  /** Of those asked for. */
  readonly missing: readonly Feature[];
  /** Of the remotes that a route leads to. */
  readonly underlays: readonly Underlay[];
  readonly firewall: readonly FirewallChain[];
  /** null: not measured. */
  readonly pairMs: number | null;
}
