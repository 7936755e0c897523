/**
 * What crosses the thread boundary: tasks to workers, results back. Plain data only
 * (structured clone), and as little of it as serves: results carry failures, not successes.
 * `workers/` imports these types; this file imports nothing of `workers/`.
 */
import type { Op } from '../plan/op.ts';
import type { Netem, NsId } from '../topology/topology.ts';

/** The operations of one phase in one namespace, in order. */
export interface Job {
  readonly ns: NsId;
  /** Inode of the namespace as observed, or 0 if it is still to be made. A different one means that the node was replaced: the job fails whole. */
  readonly inode: number;
  /** The same for the namespaces of its veths' other ends, where those were observed. */
  readonly peerInodes?: Readonly<Partial<Record<NsId, number>>>;
  readonly ops: readonly Op[];
}

/** One dispatch: several jobs, carried out one after another on one worker. */
export interface ApplyTask {
  readonly task: 'apply';
  readonly jobs: readonly Job[];
  /** What the tasks of a run share: an Int32Array by `RUN_STATE`; null: nothing. */
  readonly run: SharedArrayBuffer | null;
  /** Whether the worker stops before its next send once the run is cancelled. */
  readonly isCancellable: boolean;
  /**
   * How many tasks of the run must have been done before it, all of them whole: it was sent before they were, and is declined
   * otherwise. null: it is carried out in any case.
   */
  readonly turn: number | null;
  /** Where to take namespaces from: an Int32Array by `STOCK`; null: each is made when it is needed. */
  readonly stock: SharedArrayBuffer | null;
}

/** A task that belongs to no run. */
export const BY_ITSELF = { run: null, isCancellable: false, turn: null, stock: null } as const;

/** Places in what the tasks of a run share: whether (non-zero) to begin no more links; how many tasks had their turn and are done whole. */
export const RUN_STATE = { cancelled: 0, done: 1 } as const;

/** What the tasks of one run share, at its beginning. */
export function newRunState(): SharedArrayBuffer {
  return new SharedArrayBuffer(Object.keys(RUN_STATE).length * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Places in a stock of namespaces that were made ahead: how many are still to be made, by whoever is first; what is counted up
 * whenever there is something new for the thread that fills it; whether (non-zero) it is given up; and from `slots` on a
 * descriptor each, 0: empty. Whoever takes a descriptor out has to close it.
 */
export const STOCK = { left: 0, news: 1, closed: 2, slots: 3 } as const;

/** Namespaces without a name cost memory and a descriptor each. */
const STOCK_SLOTS = 64;

/** An empty stock, which nothing is to be made for yet. */
export function newStock(): SharedArrayBuffer {
  return new SharedArrayBuffer((STOCK.slots + STOCK_SLOTS) * Int32Array.BYTES_PER_ELEMENT);
}

/** What the thread that fills a stock starts with. */
export interface StockStart {
  readonly shared: SharedArrayBuffer;
}

/** What to read from a namespace beside its links. */
export interface DumpWants {
  readonly addresses: boolean;
  readonly routes: boolean;
  readonly counters: boolean;
  /** The lab whose address translation is looked for where it has a device (and in linkloom's own namespace); null: none. */
  readonly translationsOf: string | null;
  /** Features of linkloom's devices, by ethtool's words. */
  readonly offloads: readonly string[];
  /** Impairments and redirections of linkloom's devices: one more dump where there is a netem, one for each port that is in no bridge. */
  readonly traffic: boolean;
  /** Only before a change that may take such along: addresses and routes of others. */
  readonly others?: boolean;
  /** Devices of which the other end is to be looked for in whichever namespace it is, by index. */
  readonly farEnds?: Readonly<Partial<Record<NsId, readonly number[]>>>;
}

export interface DumpTask {
  readonly task: 'dump';
  readonly namespaces: readonly NsId[];
  readonly wants: DumpWants;
}

/** Look through every namespace that can be reached for devices of these groups (low two bits, the role, ignored). */
export interface ScanTask {
  readonly task: 'scan';
  /** A group number of the lab; 0: every lab's. */
  readonly group: number;
  /** Also namespaces of processes (`/proc/PID/ns/net`), each distinct one once. */
  readonly processes: boolean;
  /** Named namespaces to leave out, as they are dumped already. */
  readonly except: readonly NsId[];
  /** As in DumpWants. */
  readonly translationsOf: string | null;
  /** Read addresses and counters too; only links unless given. */
  readonly details?: boolean;
}

/** Who is in a namespace: pids by namespace, for messages. */
export interface PidsTask {
  readonly task: 'pids';
  readonly namespaces: readonly NsId[];
}

/** Wait until the kernel has taken apart every namespace that was given up before (it does so in the background). */
export interface SettleTask {
  readonly task: 'settle';
  readonly timeoutMs: number;
}

/** See which devices carry. */
export interface CarriersTask {
  readonly task: 'carriers';
  readonly ends: readonly { readonly ns: NsId; readonly devs: readonly string[] }[];
  /**
   * Whether the kernel's link watcher does a device at once when its carrier is asked for singly, by RTM_GETLINK or ETHTOOL_GLINK
   * (since Linux 6.8). It takes a hundred a second otherwise.
   */
  readonly asksWatcher: boolean;
}

/** Find out whether addresses can be translated here at all; asking makes the kernel load what it has for that. */
export interface NatTask {
  readonly task: 'nat';
}

/** What the lab's Open vSwitches hold, and whether they run. */
export interface OvsTask {
  readonly task: 'ovs';
  readonly instances: readonly { readonly ns: NsId; readonly directory: string }[];
  /** Also find out whether the kernel has Open vSwitch's datapath; asking makes it load the module, if there is one. */
  readonly probeKernel: boolean;
}

/** Ask for an exclusive flock(2), once. */
export interface LockTask {
  readonly task: 'lock';
  /** A descriptor of this process, which stays the main thread's. */
  readonly fd: number;
}

export type Task =
  | ApplyTask
  | DumpTask
  | ScanTask
  | PidsTask
  | SettleTask
  | CarriersTask
  | NatTask
  | OvsTask
  | LockTask;

/** A failure as data (custom errors lose their fields between threads). */
export interface OpFailure {
  /** Index into the job's ops; -1: the job as a whole (its namespace could not be entered). */
  readonly op: number;
  /** What was attempted: `RTM_NEWLINK`, `RTM_NEWADDR`, `setns`, `mount`, `SIOCETHTOOL`… */
  readonly call: string;
  /** What exactly, for people: the address, route or device. */
  readonly subject: string;
  /** Positive errno, 0 if none. */
  readonly errno: number;
  /** `EEXIST`… */
  readonly errnoName: string;
  /** The kernel's own words (NLMSGERR_ATTR_MSG) or ''. */
  readonly extAck: string;
  /** A failure that linkloom itself names (`E_NODE_CHANGED`…), or ''. */
  readonly code: string;
  /** The undo that followed failed too: what is left behind, or ''. */
  readonly leftBehind: string;
}

export interface JobResult {
  readonly failures: readonly OpFailure[];
  /** Ops not begun since the task was cancelled: from this index on; -1: all were carried out. */
  readonly cancelledAt: number;
  /** Milliseconds since the Unix epoch with fractions (performance.timeOrigin + now), for traces. */
  readonly startedMs: number;
  readonly endedMs: number;
}

export interface ApplyResult {
  readonly thread: number;
  /** Nothing was done, as something had failed before: see `turn`. There are no results then. */
  readonly isDeclined: boolean;
  readonly jobs: readonly JobResult[];
}

export interface LinkDump {
  readonly ifindex: number;
  readonly ifname: string;
  /** `veth`, `bridge`, `dummy`…; '' for none (`lo`, hardware). */
  readonly kind: string;
  readonly group: number;
  readonly alias: string;
  readonly mac: string;
  readonly mtuBytes: number;
  /** IFF_UP. */
  readonly up: boolean;
  /** `UP`, `DOWN`, `LOWERLAYERDOWN`, `UNKNOWN`… as `ip -json` says it. */
  readonly operstate: string;
  /** Index of the bridge it is a port of, 0 for none. */
  readonly master: number;
  /** IFLA_LINK: the peer's or the parent's index, 0 for none. */
  readonly peerIndex: number;
  /** IFLA_LINK_NETNSID, -1 if the other end is in the same namespace (or has none). */
  readonly peerNsid: number;
  readonly txQueues: number;
  /** The *vlan types' mode and id; null otherwise. */
  readonly mode: string | null;
  readonly vlanId: number | null;
  /** Of vxlan and geneve; null otherwise. `remote` is '' where there is none of its own. */
  readonly tunnel: { readonly vni: number; readonly remote: string; readonly dstPort: number } | null;
  /** The features asked for that the device has, and whether they are on; null: not asked for, or not linkloom's. */
  readonly offloads: Readonly<Record<string, boolean>> | null;
  /** Kind of the root qdisc: `noqueue`, `netem`… */
  readonly qdisc: string;
  /** netem at its root, with the qdisc's handle; null: another qdisc, or not asked for. */
  readonly netem: { readonly handle: number; readonly netem: Netem } | null;
  /** Index of the device by which all leaves that this one receives (0: that is gone); null: nothing does, or not asked for. */
  readonly redirect: number | null;
  /** Only if asked for. */
  readonly counters: {
    readonly rxPackets: number;
    readonly txPackets: number;
    readonly rxBytes: number;
    readonly txBytes: number;
    readonly rxDropped: number;
    readonly txDropped: number;
    readonly rxErrors: number;
    readonly txErrors: number;
  } | null;
}

export interface AddressDump {
  readonly ifindex: number;
  /** Canonical prefix. */
  readonly address: string;
  /** IFA_PROTO, 0 if the kernel does not say. */
  readonly protocol: number;
  readonly scope: 'global' | 'site' | 'link' | 'host' | 'nowhere';
}

export interface RouteDump {
  readonly ifindex: number;
  readonly family: 4 | 6;
  readonly type: string;
  readonly dst: string;
  readonly via: string | null;
  readonly src: string | null;
  readonly metric: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly mtuBytes: number | null;
  readonly advmssBytes: number | null;
  readonly onlink: boolean;
}

/** An address or a route that the node itself or somebody else made, with all that the kernel tells of it, so that it can be put back. */
export interface OtherDump {
  readonly what: 'address' | 'route';
  readonly family: 4 | 6;
  /** The device it is on; those that it leaves by, several of a multipath route. */
  readonly ifindexes: readonly number[];
  /** Canonical prefix: the address, or where the route leads. */
  readonly prefix: string;
  /** Of a route; null: none. */
  readonly src: string | null;
  readonly mtuBytes: number | null;
  /** IFA_PROTO or `rtm_protocol`. */
  readonly protocol: number;
  /** The payload of the kernel's message, in hexadecimal. */
  readonly payload: string;
}

/** Rules of ours with one comment. */
export interface TranslationDump {
  readonly comment: string;
  readonly rules: number;
}

export interface NsDump {
  readonly ns: NsId;
  /** 0: there is no such namespace. */
  readonly inode: number;
  /** The lab that made it, by a note that nobody in the namespace can write; null: not known, or not a named one. */
  readonly madeBy: string | null;
  /** Why it could not be read (not: why it is missing), or null. */
  readonly failure: OpFailure | null;
  readonly links: readonly LinkDump[];
  readonly addresses: readonly AddressDump[];
  readonly routes: readonly RouteDump[];
  readonly translations: readonly TranslationDump[];
  /** Only if asked for. */
  readonly others?: readonly OtherDump[];
  /** The other ends of the devices asked for; null: there is none in any living namespace. */
  readonly farEnds?: ReadonlyMap<number, FarEnd | null>;
}

/** A veth's other end, in whichever namespace. */
export interface FarEnd {
  readonly ifname: string;
  readonly alias: string;
}

export interface DumpResult {
  readonly dumps: readonly NsDump[];
}

/** Namespaces in which the scan found devices of the lab (links only). */
export interface ScanResult {
  readonly dumps: readonly NsDump[];
  readonly failures: readonly OpFailure[];
}

export interface PidsResult {
  readonly pids: readonly { readonly ns: NsId; readonly pids: readonly number[] }[];
}

export interface SettleResult {
  /** false: the time ran out first, or it could not be found out. */
  readonly settled: boolean;
}

export interface CarriersResult {
  /** Devices that are there and do not carry yet. */
  readonly down: readonly { readonly ns: NsId; readonly dev: string }[];
}

export interface NatResult {
  /** What rules are made with; null: nothing that is here serves. */
  readonly by: 'nftables' | 'iptables' | null;
  /** Whether linkloom's own namespace passes IPv4 packets on: it does; it can be told to; it can't (`/proc/sys` is read-only). */
  readonly forwarding: 'on' | 'off' | 'locked';
}

export interface OvsPortDump {
  readonly dev: string;
  /** Whether it carries the lab's mark: others were added by the user. */
  readonly ours: boolean;
  /** Why Open vSwitch could not use the device, or ''. */
  readonly error: string;
}

export interface OvsBridgeDump {
  readonly name: string;
  readonly datapath: 'system' | 'netdev';
  readonly mcastSnooping: boolean;
  /** Likewise. */
  readonly ours: boolean;
  /** Why its own device could not be made, or ''. */
  readonly error: string;
  /** Without the bridge's own. */
  readonly ports: readonly OvsPortDump[];
}

/** The lab's Open vSwitch of one namespace. */
export interface OvsDump {
  readonly ns: NsId;
  readonly directory: string;
  /** Both daemons live, in the namespace that has the name now. */
  readonly running: boolean;
  /** What its database says; empty where no server answers. */
  readonly bridges: readonly OvsBridgeDump[];
}

export interface OvsResult {
  readonly dumps: readonly OvsDump[];
  /** null: not asked. */
  readonly kernel: boolean | null;
}

export interface LockResult {
  /** false: another process (or another open file of this one) has it. */
  readonly isTaken: boolean;
  /** Why it could not even be asked for, or null. */
  readonly failure: OpFailure | null;
}
/** What a worker sends back: a task's result, or why there is none, which is no answer to what was asked. */
export type Answer<T> = (T & { readonly ok: true }) | { readonly ok: false; readonly failure: OpFailure };
/** Result type of each task. */
export interface Results {
  readonly apply: ApplyResult;
  readonly dump: DumpResult;
  readonly scan: ScanResult;
  readonly pids: PidsResult;
  readonly settle: SettleResult;
  readonly carriers: CarriersResult;
  readonly nat: NatResult;
  readonly ovs: OvsResult;
  readonly lock: LockResult;
}
