/**
 * The types in the middle of the pipeline. `normalise` makes a Topology (what is wanted, for each selector),
 * `instantiate` makes a Network (what is wanted, for each node that runs now). Absent values are `null` or an empty
 * list, unless a field says otherwise. Addresses and MACs are canonical text (`10.0.0.1/30`, `fd00::1/64`, `c2:00:…` in
 * lower case), so that `===` compares them; only workers turn them into bytes.
 */

import type { Span } from '../errors.ts';
import type { BridgeMode } from '../kinds/bridge-modes.ts';
import type { DummyPart } from '../kinds/links/dummy.ts';
import type { LinkPart, StackedPart } from '../kinds/links/link-kinds.ts';
import type { VethPart } from '../kinds/links/veth.ts';
import type { TunnelType } from '../kinds/tunnel-kinds.ts';
import type { HOST_NAME } from '../net/ifname.ts';
import type { LinkNumbers } from '../net/link-numbers.ts';
import type { NamedNs, NsId, ProcessNs } from '../net/ns-id.ts';
import type { CheckSpec } from './check/spec.ts';
import type { NodeDefinition } from './nodes/definition.ts';
import type { HostLine } from './nodes/host-line.ts';
import type { Forward, Netem, Route } from './values.ts';

export type AdminState = 'up' | 'down';

/** Selects the nodes of a link. A `service` selects all its replicas, a `node` an entry of `nodes:`, `host` the host itself. */
export interface Selector {
  readonly kind: 'service' | 'container' | 'netns' | 'node' | 'host';
  readonly name: string;
}

/** Fields of every link as written, whatever its type. */
interface AnyLinkSpec {
  readonly selector: Selector;
  readonly dev: string;
  /** The MAC as given. null: it is computed for each replica, or links of this type have no MAC of their own. */
  readonly mac: string | null;
  /** The MAC in the case in which it was written, for `--show-config`. Absent: the same as `mac`. */
  readonly macText?: string | undefined;
  /** Canonical prefixes, in the order of the configuration. */
  readonly addresses: readonly string[];
  /** null: the kernel chooses (a link on a parent, without `mtu`). */
  readonly mtuBytes: number | null;
  readonly routes: readonly Route[];
  readonly state: AdminState;
  /** Whether it is up only once all links of the lab are made; `state` is `up`. Absent: no. */
  readonly isLate?: true;
  /** Whether it is wanted down for now, since the lab is not made yet. Only passes set this. Absent: no. */
  readonly isHeldBack?: true;
  /** Of a wire between two hosts: whether the loss of the other host takes its carrier. Absent: no. */
  readonly fallsWithHost?: true;
  /** Whether its port is to be down, since the host at the other end of the wire is lost. Only parts of labs have this. Absent: no. */
  readonly isCutOff?: true;
  readonly queues: number;
  readonly numbers: LinkNumbers;
  readonly nat: string | null;
  readonly forwards: readonly Forward[];
  readonly netem: Netem | null;
  /** conlink's `netem` strings as written, for `--show-config` and `config`. */
  readonly netemText: readonly string[];
  /** ethtool's arguments, one string for each setting. `--offload tx off` comes first unless the offload is kept. */
  readonly ethtool: readonly string[];
  /** Whether TX checksum offload is switched off on the node end. */
  readonly txChecksumOff: boolean;
  /** The position in the file. A function, since finding the position takes time. */
  readonly where: () => Span | undefined;
}

export type VethSpec = AnyLinkSpec & VethPart;
export type DummySpec = AnyLinkSpec & DummyPart;
export type StackedSpec = AnyLinkSpec & StackedPart;
/** One link as written, with defaults filled in and replicas not yet known. Its `type` decides its further fields. */
export type LinkSpec = AnyLinkSpec & LinkPart;

export interface BridgeSpec {
  readonly name: string;
  readonly mode: BridgeMode;
  /** `netdev` asks for Open vSwitch's userspace datapath. */
  readonly datapath: 'system' | 'netdev' | null;
  /** It is the host's, and there already: only ports come and go. `mode` is as found by each pass. Absent: linkloom makes it. */
  readonly isExternal?: true;
  /** Multicast snooping on the bridge. Default: off. */
  readonly mcastSnooping: boolean;
  /** Unknown keys, which `config` and `--show-config` print. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly where: () => Span | undefined;
}

export interface TunnelSpec {
  readonly type: TunnelType;
  readonly bridge: string;
  /** The remote end's IPv4 or IPv6 address, in canonical form. With `flood`, the first of these. */
  readonly remote: string;
  readonly vni: number;
  /** The addresses of all remote ends, each of which gets what is for everybody (vxlan only). Absent: `remote` is the only one. */
  readonly flood?: readonly string[];
  /** The tunnel's own address, in canonical form. Absent: that of the route to the remote, for each packet. */
  readonly local?: string;
  /** The UDP port that the tunnel hears and sends to. Absent: the usual one of its type. */
  readonly port?: number;
  /** Whether the wire goes through its host's trunk, with all others to other hosts (vxlan only). Absent: it has a device of its own. */
  readonly isInTrunk?: true;
  readonly netem: Netem | null;
  readonly netemText: readonly string[];
  /** `netem` as written, one text or a list, for `--show-config`. Absent: not known. */
  readonly netemWritten?: string | readonly string[] | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly where: () => Span | undefined;
}

/** A machine that the lab is spread over, as the file has it. */
export interface HostSpec {
  readonly name: string;
  /** In canonical form. null: the one that its daemon says. */
  readonly address: string | null;
  /** The UDP port of tunnels to it. null: the usual one. */
  readonly port: number | null;
  /** Names and patterns of the nodes that are placed on it. */
  readonly nodes: readonly string[];
  /** Nodes with all of these are placed on it. Empty: that places none. */
  readonly labels: Readonly<Record<string, string>>;
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly where: () => Span | undefined;
}

export interface CommandSpec {
  readonly selector: Selector;
  /** A string is run as `sh -c`, a list as it is. */
  readonly command: string | readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
  readonly where: () => Span | undefined;
}

/** Everything that is wanted, whichever nodes run. */
export interface Topology {
  readonly lab: string;
  readonly links: readonly LinkSpec[];
  readonly bridges: readonly BridgeSpec[];
  readonly tunnels: readonly TunnelSpec[];
  readonly commands: readonly CommandSpec[];
  /**
   * Services of which no profile is active. Nothing waits for them, but a container of theirs that runs is a node.
   * Absent: none.
   */
  readonly inactive?: ReadonlySet<string>;
  /** Entries of `nodes:`, in the order of the files. Absent: none. */
  readonly nodes?: readonly NodeDefinition[];
  /** Address pools that the loopbacks are taken from. Absent: none. */
  readonly loopbackPools?: readonly string[];
  /** What must be reached, and what must not, in the order of the files. Absent: nothing is said. */
  readonly checks?: readonly CheckSpec[];
  /**
   * The names of all nodes of a lab of which this is the part of one host. Absent: there are no other nodes than those that are here.
   */
  readonly names?: readonly HostLine[];
  /** Machines that the lab is spread over, in the order of the files. They matter only with a store. Absent: the file names none. */
  readonly hosts?: readonly HostSpec[];
}

/** A node that exists now. A named namespace counts before it is made. */
export type Node = ContainerNode | NetnsNode | HostNode;

/** The addresses that a node's `lo` is to have. */
export interface Loopbacks {
  /** Canonical prefixes. */
  readonly addresses: readonly string[];
  /** If the kernel does not report who set an address on `lo`, an address within these prefixes counts as linkloom's. */
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
  /** Only for an entry of `nodes:`. Absent: `lo` is left alone. */
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
  /** Only for an entry of `nodes:`. Absent: `lo` is left alone. */
  readonly loopbacks?: Loopbacks;
}

/** The host itself: its namespace is there before linkloom and after it, and only devices of ours come and go in it. */
export interface HostNode {
  readonly kind: 'host';
  readonly name: typeof HOST_NAME;
  readonly ns: NsId;
  readonly id: null;
  readonly service: null;
  readonly index: 1;
  /** It has none. */
  readonly loopbacks?: Loopbacks;
}

/** Fields of every link of one node: a LinkSpec with replica offsets applied and all names filled in. */
interface AnyLink {
  /** `NODE:DEV` (with a `netns/` or `container/` prefix only where the bare name is ambiguous). */
  readonly id: string;
  readonly node: Node;
  readonly dev: string;
  /** null: the kernel chooses. */
  readonly mac: string | null;
  readonly addresses: readonly string[];
  readonly forwards: readonly Forward[];
}

export interface VethLink extends AnyLink {
  readonly spec: VethSpec;
  /** Name of the end on the switch side. null: the other end is another node's (mode `direct`). */
  readonly outerDev: string | null;
}

/** A link whose device is a child device of a parent. */
export interface StackedLink extends AnyLink {
  readonly spec: StackedSpec;
  /** The parent. */
  readonly parent: PlacedDevice;
}

export interface DummyLink extends AnyLink {
  readonly spec: DummySpec;
}

/** One link of one node. */
export type Link = VethLink | StackedLink | DummyLink;

/** A device by its name, and its namespace. */
export interface PlacedDevice {
  readonly ns: NsId;
  readonly dev: string;
}

/** A node of the configuration that does not run. */
export interface MissingNode {
  readonly selector: Selector;
  /** The node's links. Empty if the node has only commands. */
  readonly links: readonly LinkSpec[];
}

/** The reason why a link can't be made, for people. */
export interface Refusal {
  readonly code: 'E_CLASH' | 'E_CONFIG' | 'E_PRIVILEGE' | 'E_KERNEL' | 'E_FOREIGN_DEVICE' | 'E_TOOL';
  readonly message: string;
  readonly hint: string | null;
}

/** Everything that is wanted of the nodes that run now. */
export interface Network {
  readonly lab: string;
  readonly nodes: readonly Node[];
  readonly links: readonly Link[];
  /** Links that can't be made as described. Devices of theirs that exist stay as they are. */
  readonly refused: ReadonlyMap<Link, Refusal>;
  readonly bridges: readonly BridgeSpec[];
  readonly tunnels: readonly TunnelSpec[];
  /** Selectors without a running node, each with its links. */
  readonly pending: readonly MissingNode[];
}

/** A running container as a container engine describes it. It has all that selectors are matched with. */
export interface Container {
  /** 64 hex digits. */
  readonly id: string;
  /** The name without the leading slash. */
  readonly name: string;
  /** The pid of the container's first process, in linkloom's pid namespace. */
  readonly pid: number;
  /** Label `com.docker.compose.service`. */
  readonly service: string | null;
  /** Label `com.docker.compose.container-number`, else 1. */
  readonly index: number;
  /** Label `com.docker.compose.project`. */
  readonly project: string | null;
  /** Label `com.docker.compose.project.working_dir`. */
  readonly workingDir: string | null;
  /**
   * Whether `docker compose run` made it (label `com.docker.compose.oneoff`). It counts as part of its `service` only
   * while the service has no other container.
   */
  readonly isOneOff: boolean;
  /** Whether its processes are frozen. Links can be made in it, commands can't run. */
  readonly isPaused: boolean;
  /** The entry of `nodes:` for which linkloom made the container, by its labels. Absent: linkloom did not make it. */
  readonly entry?: { readonly lab: string; readonly node: string; readonly hash: string | null };
}

/**
 * The compose project whose `service` links are made. A field that is null is not compared. It never applies to
 * `container` links.
 */
export interface ProjectFilter {
  readonly project: string | null;
  readonly workingDir: string | null;
}
