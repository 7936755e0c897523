/**
 * `wire/` defines what crosses threads: types and constants, no behaviour. It is plain data only (structured clone),
 * and as little as possible. `workers/` imports this folder, `net/` and the types of `topology/`, and nothing else of
 * `src/`; this folder imports nothing of `workers/`.
 *
 * This file: the tasks that a worker carries out, and the answer to each.
 */
import type { NsId } from '../net/ns-id.ts';
import type { ApplyResult, ApplyTask } from './apply.ts';
import type { OpFailure } from './failure.ts';
import type { MachineResult, MachineTask, TrafficResult, TrafficTask } from './machine.ts';
import type { PartitionResult, PartitionTask } from './partition.ts';
import type { LinkDump, NsDump, OvsDump } from './seen.ts';

/** What to read from a namespace besides its devices. */
export interface DumpWants {
  readonly addresses: boolean;
  readonly routes: boolean;
  /**
   * Read the routes of namespaces in which this lab has a device and that are not the lab's own to remove, even if
   * `routes` is false.
   */
  readonly routesOf?: string | null;
  readonly counters: boolean;
  /**
   * Read the address translation of this lab, in namespaces in which it has a device and in linkloom's own. null: of no
   * lab.
   */
  readonly translationsOf: string | null;
  /** Features of linkloom's devices to read, by ethtool's names. */
  readonly offloads: readonly string[];
  /**
   * Read impairments and redirections of linkloom's devices. This costs one more dump if there is a netem, and one for
   * each port that is in no bridge.
   */
  readonly traffic: boolean;
  /** Read foreign addresses and routes. Needed only before a change that may make the kernel remove some. */
  readonly others?: boolean;
  /** Indexes of devices whose other end is looked for in every namespace. */
  readonly farEnds?: Readonly<Partial<Record<NsId, readonly number[]>>>;
}

export interface DumpTask {
  readonly task: 'dump';
  readonly namespaces: readonly NsId[];
  readonly wants: DumpWants;
}

/** Search every reachable namespace for devices of these groups. The low two bits of a group, the role, are ignored. */
export interface ScanTask {
  readonly task: 'scan';
  /** A group number of the lab. null: devices of every lab. */
  readonly group: number | null;
  /** Also search the namespaces of processes (`/proc/PID/ns/net`), each one once. */
  readonly processes: boolean;
  /** Named namespaces to leave out, because they are dumped already. */
  readonly except: readonly NsId[];
  /** As `translationsOf` and `routesOf` in DumpWants. */
  readonly translationsOf: string | null;
  /** What is read beside devices: their impairments (`traffic`), or also addresses and counters (`all`). Absent: nothing. */
  readonly details?: 'traffic' | 'all';
}

/** Find the processes in namespaces: pids by namespace, for messages. */
export interface PidsTask {
  readonly task: 'pids';
  readonly namespaces: readonly NsId[];
}

/** Wait until the kernel has dismantled every namespace that was removed before, which it does in the background. */
export interface SettleTask {
  readonly task: 'settle';
  readonly timeoutMs: number;
}

/** Change nothing, and measure how long that waits for RTNL, the kernel's one lock for changes of network devices. */
export interface RtnlTask {
  readonly task: 'rtnl';
}

/** Find the devices that have a carrier. */
export interface CarriersTask {
  readonly task: 'carriers';
  readonly ends: readonly { readonly ns: NsId; readonly devs: readonly string[] }[];
  /**
   * Whether a single query of a device's carrier (RTM_GETLINK or ETHTOOL_GLINK) makes the kernel's link watcher update
   * the device at once (since Linux 6.8). Otherwise the link watcher updates a hundred devices a second.
   */
  readonly asksWatcher: boolean;
}

/** Read the counters of all devices in namespaces, and nothing else. */
export interface CountersTask {
  readonly task: 'counters';
  readonly namespaces: readonly NsId[];
}

/** Find out whether addresses can be translated on this machine. The test makes the kernel load the modules for it. */
export interface NatTask {
  readonly task: 'nat';
}

/** An Open vSwitch to read. */
export interface OvsInstance {
  /** The namespace that it serves. */
  readonly ns: NsId;
  readonly directory: string;
  /** The lab whose marks are looked for. */
  readonly lab: string;
  /** Whether it is the host's own, which linkloom did not start. */
  readonly isSystem: boolean;
}

/** Read what Open vSwitch instances hold, and whether they run. */
export interface OvsTask {
  readonly task: 'ovs';
  readonly instances: readonly OvsInstance[];
  /**
   * Also find out whether the kernel has Open vSwitch's datapath. The test makes the kernel load the module, if there
   * is one.
   */
  readonly probeKernel: boolean;
}

/** Try once to take an exclusive flock(2). */
export interface LockTask {
  readonly task: 'lock';
  /** A descriptor of this process. The main thread keeps it open and closes it. */
  readonly fd: number;
}

/** Give containers' namespaces names in /run/netns, `LAB.NODE`, and remove such names. */
export interface NamesTask {
  readonly task: 'names';
  readonly lab: string;
  /** Names to give. `pid` is the container's process. */
  readonly give: readonly { readonly name: string; readonly pid: number }[];
  /** Names to remove. `all`: every such name of the lab. */
  readonly take: readonly string[] | 'all';
}

/** Have tcpdump compile a filter for a device, where that is. */
export interface FilterTask {
  readonly task: 'filter';
  readonly ns: NsId;
  readonly dev: string;
  readonly snaplenBytes: number;
  /** In the language of pcap-filter(7). */
  readonly expression: string;
}

/** Tell a service manager something, as sd_notify(3) does. */
export interface NotifyTask {
  readonly task: 'notify';
  /** The path of a datagram socket, or `@NAME`: an abstract one. */
  readonly address: string;
  readonly text: string;
}

export interface DumpResult {
  readonly dumps: readonly NsDump[];
}

/** Namespaces in which the scan found devices of the lab (devices only). */
export interface ScanResult {
  readonly dumps: readonly NsDump[];
  readonly failures: readonly OpFailure[];
}

export interface PidsResult {
  readonly pids: readonly { readonly ns: NsId; readonly pids: readonly number[] }[];
}

export interface RtnlResult {
  /** From the request to its acknowledgement; without anybody in the way some microseconds. null: the kernel refused it. */
  readonly waitMs: number | null;
}

export interface SettleResult {
  /** false: the time ran out first, or the state could not be read. */
  readonly settled: boolean;
}

export interface CarriersResult {
  /** Devices that exist and have no carrier yet. */
  readonly down: readonly { readonly ns: NsId; readonly dev: string }[];
}

/** The counters of one device. */
export interface CountedDevice {
  readonly ifindex: number;
  readonly operstate: string;
  readonly counters: NonNullable<LinkDump['counters']>;
}

export interface CountersResult {
  /** Namespaces that could not be read are left out. `atMs`: when each was read, in milliseconds since the Unix epoch, with fractions. */
  readonly namespaces: readonly {
    readonly ns: NsId;
    readonly atMs: number;
    readonly devices: readonly CountedDevice[];
  }[];
}

export interface NatResult {
  /** The program that makes the rules. null: this machine has none that works. */
  readonly by: 'nftables' | 'iptables' | null;
  /**
   * Whether linkloom's own namespace forwards IPv4 packets. `off`: it does not, but can be made to. `locked`: it can't
   * be, since `/proc/sys` is read-only.
   */
  readonly forwarding: 'on' | 'off' | 'locked';
}

export interface OvsResult {
  readonly dumps: readonly OvsDump[];
  /** Whether the kernel has the datapath. null: not asked. */
  readonly kernel: boolean | null;
}

export interface LockResult {
  /** false: another process, or another open file of this process, holds the lock. */
  readonly isTaken: boolean;
  /** Why the lock could not be tried at all. null: it was tried. */
  readonly failure: OpFailure | null;
}

export interface NamesResult {
  readonly failures: readonly OpFailure[];
}

export interface NotifyResult {
  /** null: it was sent. */
  readonly failure: OpFailure | null;
}

/** What `tcpdump -ddd` printed. */
export type FilterResult =
  | { readonly program: string }
  /** `missing`: there is no tcpdump; `refused`: it does not take the filter, and says why. */
  | { readonly program: null; readonly why: 'missing' | 'refused'; readonly message: string };

/** A worker's answer: the task's result, or the failure because of which there is no result. */
export type Answer<T> = (T & { readonly ok: true }) | { readonly ok: false; readonly failure: OpFailure };

/**
 * All tasks by name: what is asked, and what is answered. A new task needs an entry here, a file in `workers/tasks/`,
 * and an entry in the worker's table.
 */
export interface Tasks {
  readonly apply: { readonly asked: ApplyTask; readonly answered: ApplyResult };
  readonly dump: { readonly asked: DumpTask; readonly answered: DumpResult };
  readonly scan: { readonly asked: ScanTask; readonly answered: ScanResult };
  readonly pids: { readonly asked: PidsTask; readonly answered: PidsResult };
  readonly settle: { readonly asked: SettleTask; readonly answered: SettleResult };
  readonly rtnl: { readonly asked: RtnlTask; readonly answered: RtnlResult };
  readonly carriers: { readonly asked: CarriersTask; readonly answered: CarriersResult };
  readonly counters: { readonly asked: CountersTask; readonly answered: CountersResult };
  readonly nat: { readonly asked: NatTask; readonly answered: NatResult };
  readonly ovs: { readonly asked: OvsTask; readonly answered: OvsResult };
  readonly lock: { readonly asked: LockTask; readonly answered: LockResult };
  readonly names: { readonly asked: NamesTask; readonly answered: NamesResult };
  readonly filter: { readonly asked: FilterTask; readonly answered: FilterResult };
  readonly notify: { readonly asked: NotifyTask; readonly answered: NotifyResult };
  readonly machine: { readonly asked: MachineTask; readonly answered: MachineResult };
  readonly traffic: { readonly asked: TrafficTask; readonly answered: TrafficResult };
  readonly partition: { readonly asked: PartitionTask; readonly answered: PartitionResult };
}

export type TaskName = keyof Tasks;

/** Tasks that only look and do not wait: any thread can carry them out, also the one that asks. */
export const LOOKING = ['dump', 'scan', 'pids', 'counters', 'lock', 'traffic'] as const satisfies readonly TaskName[];
export type LookingName = (typeof LOOKING)[number];
export type Task = { readonly [K in TaskName]: Tasks[K]['asked'] & { readonly task: K } }[TaskName];
/** A task of `LOOKING`. */
export type LookTask = Extract<Task, { readonly task: LookingName }>;
export type ResultOf<T extends Task> = Tasks[T['task']]['answered'];
