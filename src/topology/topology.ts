/**
 * The nouns of the middle of the pipeline. `normalise` makes a Topology (what is wanted, per
 * selector), `instantiate` makes a Network (what is wanted, per node that runs now).
 * No optional fields: what is absent is `null` or an empty list.
 * Addresses and MACs are canonical text (`10.0.0.1/30`, `fd00::1/64`, `c2:00:…` in lower case),
 * so that equality is `===`; only workers turn them into bytes.
 */

import type { Span } from '../errors.ts';
import type { BridgeMode } from '../kinds/bridge-modes.ts';
import type { DummyPart } from '../kinds/links/dummy.ts';
import type { LinkPart, StackedPart } from '../kinds/links/link-kinds.ts';
import type { VethPart } from '../kinds/links/veth.ts';
import type { TunnelType } from '../kinds/tunnel-kinds.ts';
import type { LinkNumbers } from '../net/link-numbers.ts';
import type { NamedNs, NsId, ProcessNs } from '../net/ns-id.ts';
import type { NodeDefinition } from './nodes/definition.ts';

export type AdminState = 'up' | 'down';

/** Whom a link is for. A `service` stands for all its replicas, a `node` is an entry of `nodes:`. */
export interface Selector {
  readonly kind: 'service' | 'container' | 'netns' | 'node';
  readonly name: string;
}

/** A route, as `ip route add` takes it, parsed. `dst` is a canonical prefix (`0.0.0.0/0` or `::/0` for default). */
export interface Route {
  readonly family: 4 | 6;
  readonly type: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';
  readonly dst: string;
  /** Gateway address, or null for an on-link route. */
  readonly via: string | null;
  /** Another device of the node, or null for the link's own. */
  readonly dev: string | null;
  readonly src: string | null;
  readonly metric: number | null;
  readonly table: number | null;
  readonly scope: 'global' | 'link' | 'host' | null;
  readonly mtuBytes: number | null;
  readonly advmssBytes: number | null;
  readonly onlink: boolean;
  /** The text as written, for messages. */
  readonly text: string;
}

/** A published port (conlink's `forward`): conlink's side, the container's side. */
export interface Forward {
  readonly outerPort: number;
  readonly innerPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/**
 * An impairment of a link's egress, parsed from `impair` or from netem strings (tc-netem(8)).
 * Times in microseconds, probabilities in 0…1, rates in bits per second. `null`: not asked for.
 */
export interface Netem {
  readonly delayUs: number | null;
  readonly jitterUs: number | null;
  readonly delayCorrelation: number | null;
  readonly distribution: string | null;
  readonly limitPackets: number | null;
  readonly loss: number | null;
  readonly lossCorrelation: number | null;
  readonly lossState: readonly number[] | null;
  readonly lossGemodel: readonly number[] | null;
  readonly ecn: boolean;
  readonly duplicate: number | null;
  readonly duplicateCorrelation: number | null;
  readonly corrupt: number | null;
  readonly corruptCorrelation: number | null;
  readonly reorder: number | null;
  readonly reorderCorrelation: number | null;
  readonly gap: number | null;
  readonly rateBitsPerSec: number | null;
  readonly ratePacketOverheadBytes: number | null;
  readonly rateCellSizeBytes: number | null;
  readonly rateCellOverheadBytes: number | null;
  readonly slot: {
    readonly minUs: number;
    readonly maxUs: number;
    readonly distribution: string | null;
    readonly delayUs: number | null;
    readonly jitterUs: number | null;
    readonly packets: number | null;
    readonly bytes: number | null;
  } | null;
  readonly seed: string | null;
}

/** One setting of ethtool(8): a feature that the kernel has a word for, or whatever else by the program's own arguments. */
export type EthtoolSetting =
  | { readonly kind: 'offload'; readonly name: string; readonly on: boolean; readonly text: string }
  | {
      readonly kind: 'program';
      /** `--coalesce`, before the device's name. */
      readonly option: string;
      readonly words: readonly string[];
      readonly text: string;
    };

/** What all links have as written, whatever their kind. */
interface AnyLinkSpec {
  readonly selector: Selector;
  readonly dev: string;
  /** As given; null: computed for each replica, or not the link's own. */
  readonly mac: string | null;
  /** The same in the case in which it was written, for `--show-config`; absent: as `mac`. */
  readonly macText?: string | undefined;
  /** Canonical prefixes, in order. */
  readonly addresses: readonly string[];
  /** null: the kernel's own choice (a link on a parent without `mtu`). */
  readonly mtuBytes: number | null;
  readonly routes: readonly Route[];
  readonly state: AdminState;
  readonly queues: number;
  readonly numbers: LinkNumbers;
  readonly nat: string | null;
  readonly forwards: readonly Forward[];
  readonly netem: Netem | null;
  /** conlink's `netem` strings as written (for `--show-config` and `config`). */
  readonly netemText: readonly string[];
  /** ethtool argument strings, `--offload tx off` first unless kept. */
  readonly ethtool: readonly string[];
  /** Switch off TX checksum offload on the node end. */
  readonly txChecksumOff: boolean;
  /** Where it was written; resolved on demand, it costs. */
  readonly where: () => Span | undefined;
}

export type VethSpec = AnyLinkSpec & VethPart;
export type DummySpec = AnyLinkSpec & DummyPart;
export type StackedSpec = AnyLinkSpec & StackedPart;
/** One link as written, defaults filled in, replicas not yet known; by its `type` it has what its kind has. */
export type LinkSpec = AnyLinkSpec & LinkPart;

export interface BridgeSpec {
  readonly name: string;
  readonly mode: BridgeMode;
  /** `netdev` asks for Open vSwitch's userspace datapath. */
  readonly datapath: 'system' | 'netdev' | null;
  /** Multicast snooping on the bridge; off unless asked for. */
  readonly mcastSnooping: boolean;
  /** Unknown keys, carried through to `config` and `--show-config`. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly where: () => Span | undefined;
}

export interface TunnelSpec {
  readonly type: TunnelType;
  readonly bridge: string;
  /** Canonical address, IPv4 or IPv6. */
  readonly remote: string;
  readonly vni: number;
  readonly netem: Netem | null;
  readonly netemText: readonly string[];
  /** `netem` as written, one text or a list, for `--show-config`; absent: not known. */
  readonly netemWritten?: string | readonly string[] | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly where: () => Span | undefined;
}

export interface CommandSpec {
  readonly selector: Selector;
  /** String: run as `sh -c`; list: run as it is. */
  readonly command: string | readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
  readonly where: () => Span | undefined;
}

/** All that is wanted, whatever runs. */
export interface Topology {
  readonly lab: string;
  readonly links: readonly LinkSpec[];
  readonly bridges: readonly BridgeSpec[];
  readonly tunnels: readonly TunnelSpec[];
  readonly commands: readonly CommandSpec[];
  /** Services that no active profile has: nothing waits for them, but a container of theirs that runs is a node. Absent: none. */
  readonly inactive?: ReadonlySet<string>;
  /** Entries of `nodes:`, in the order of the files. Absent: none. */
  readonly nodes?: readonly NodeDefinition[];
  /** Pools of which their loopbacks are. Absent: none. */
  readonly loopbackPools?: readonly string[];
}

/** A node that exists now (or, for netns nodes, will once made). */
export type Node = ContainerNode | NetnsNode;

/** What `lo` of a node is to have. */
export interface Loopbacks {
  /** Canonical prefixes. */
  readonly addresses: readonly string[];
  /** Prefixes whose addresses on `lo` are linkloom's where the kernel does not say whose they are. */
  readonly pools: readonly string[];
}

export interface ContainerNode {
  readonly kind: 'container';
  /** The container's name: the NODE of `NODE:DEV`. */
  readonly name: string;
  readonly ns: ProcessNs;
  /** 64 hex digits. */
  readonly id: string;
  readonly service: string | null;
  /** Replica number from 1. */
  readonly index: number;
  /** Of an entry of `nodes:`. Absent: `lo` is left alone. */
  readonly loopbacks?: Loopbacks;
}

export interface NetnsNode {
  readonly kind: 'netns';
  /** The namespace's name: the NODE of `NODE:DEV`. */
  readonly name: string;
  readonly ns: NamedNs;
  readonly id: null;
  readonly service: null;
  readonly index: 1;
  /** Of an entry of `nodes:`. Absent: `lo` is left alone. */
  readonly loopbacks?: Loopbacks;
}

/** What all links of one node have: a LinkSpec with replica offsets applied and every name settled. */
interface AnyLink {
  /** `NODE:DEV` (with a `netns/` or `container/` prefix only where the bare name is ambiguous). */
  readonly id: string;
  readonly node: Node;
  readonly dev: string;
  /** null: the kernel's choice. */
  readonly mac: string | null;
  readonly addresses: readonly string[];
  readonly forwards: readonly Forward[];
}

export interface VethLink extends AnyLink {
  readonly spec: VethSpec;
  /** Name of the end on the switch side; null: the other end is another node's (mode `direct`). */
  readonly outerDev: string | null;
}

/** A link on a parent. */
export interface StackedLink extends AnyLink {
  readonly spec: StackedSpec;
  /** The device that it is made on. */
  readonly parent: PlacedDevice;
}

export interface DummyLink extends AnyLink {
  readonly spec: DummySpec;
}

/** One link of one node. */
export type Link = VethLink | StackedLink | DummyLink;

/** A device by its name, and the namespace that it is in. */
export interface PlacedDevice {
  readonly ns: NsId;
  readonly dev: string;
}

/** A node of the configuration that does not run. */
export interface MissingNode {
  readonly selector: Selector;
  /** None where it has commands alone. */
  readonly links: readonly LinkSpec[];
}

/** Why a link can't be made, for people. */
export interface Refusal {
  readonly code: 'E_CLASH' | 'E_CONFIG' | 'E_PRIVILEGE' | 'E_KERNEL';
  readonly message: string;
  readonly hint: string | null;
}

/** All that is wanted of the nodes that run now. */
export interface Network {
  readonly lab: string;
  readonly nodes: readonly Node[];
  readonly links: readonly Link[];
  /** Those of the links that can't be as described: what there is of them stays as it is. */
  readonly refused: ReadonlyMap<Link, Refusal>;
  readonly bridges: readonly BridgeSpec[];
  readonly tunnels: readonly TunnelSpec[];
  /** Selectors for which no node runs yet, each with its links. */
  readonly pending: readonly MissingNode[];
}

/** A running container, as a container engine describes it: all that matching needs to know. */
export interface Container {
  /** 64 hex digits. */
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  /** Of its first process, in linkloom's pid namespace. */
  readonly pid: number;
  /** Label `com.docker.compose.service`. */
  readonly service: string | null;
  /** Label `com.docker.compose.container-number`, else 1. */
  readonly index: number;
  /** Label `com.docker.compose.project`. */
  readonly project: string | null;
  /** Label `com.docker.compose.project.working_dir`. */
  readonly workingDir: string | null;
  /** `docker compose run` made it (label `com.docker.compose.oneoff`): with a `service` only while that has no other container. */
  readonly isOneOff: boolean;
  /** Its processes are frozen: links can be made in it, commands can't run. */
  readonly isPaused: boolean;
  /** Of a container that linkloom made for an entry of `nodes:`, by its labels. Absent: it is none. */
  readonly entry?: { readonly lab: string; readonly node: string; readonly hash: string | null };
}

/** Which compose project `service` links are for; a null field is not compared. Never applies to `container` links. */
export interface ProjectFilter {
  readonly project: string | null;
  readonly workingDir: string | null;
}
