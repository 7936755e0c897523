/**
 * `wire/` holds what crosses a thread: types and constants, no behaviour. Plain data only (structured clone), and as little of it
 * as serves. `workers/` imports this room, `net/` and the types of `topology/`, and nothing else of `src/`; this room imports
 * nothing of `workers/`.
 *
 * This file: the tasks that a worker knows, and what each answers.
 */
import type { NsId } from '../net/ns-id.ts';
import type { ApplyResult, ApplyTask } from './apply.ts';
import type { OpFailure } from './failure.ts';
import type { MachineResult, MachineTask } from './machine.ts';
import type { NsDump, OvsDump } from './seen.ts';

/** What to read from a namespace beside its links. */
export interface DumpWants {
  readonly addresses: boolean;
  readonly routes: boolean;
  /** The lab whose routes are read where it has a device in a namespace that is not its own to remove, also if `routes` is false. */
  readonly routesOf?: string | null;
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
  /** A group number of the lab; null: every lab's. */
  readonly group: number | null;
  /** Also namespaces of processes (`/proc/PID/ns/net`), each distinct one once. */
  readonly processes: boolean;
  /** Named namespaces to leave out, as they are dumped already. */
  readonly except: readonly NsId[];
  /** As `translationsOf` and `routesOf` in DumpWants. */
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

/** Names of containers' namespaces in /run/netns, `LAB.NODE`. */
export interface NamesTask {
  readonly task: 'names';
  readonly lab: string;
  /** `pid` is the container's process. */
  readonly give: readonly { readonly name: string; readonly pid: number }[];
  /** Names that go; `all`: whatever is there of the lab. */
  readonly take: readonly string[] | 'all';
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

export interface NamesResult {
  readonly failures: readonly OpFailure[];
}

/** What a worker sends back: a task's result, or why there is none, which is no answer to what was asked. */
export type Answer<T> = (T & { readonly ok: true }) | { readonly ok: false; readonly failure: OpFailure };

/**
 * All tasks, each by its `task`: what is asked, and what is answered. A new one is an entry here, its file in `workers/tasks/`, and
 * its entry in the worker's table.
 */
export interface Tasks {
  readonly apply: { readonly asked: ApplyTask; readonly answered: ApplyResult };
  readonly dump: { readonly asked: DumpTask; readonly answered: DumpResult };
  readonly scan: { readonly asked: ScanTask; readonly answered: ScanResult };
  readonly pids: { readonly asked: PidsTask; readonly answered: PidsResult };
  readonly settle: { readonly asked: SettleTask; readonly answered: SettleResult };
  readonly carriers: { readonly asked: CarriersTask; readonly answered: CarriersResult };
  readonly nat: { readonly asked: NatTask; readonly answered: NatResult };
  readonly ovs: { readonly asked: OvsTask; readonly answered: OvsResult };
  readonly lock: { readonly asked: LockTask; readonly answered: LockResult };
  readonly names: { readonly asked: NamesTask; readonly answered: NamesResult };
  readonly machine: { readonly asked: MachineTask; readonly answered: MachineResult };
}

export type TaskName = keyof Tasks;
export type Task = { readonly [K in TaskName]: Tasks[K]['asked'] & { readonly task: K } }[TaskName];
export type ResultOf<T extends Task> = Tasks[T['task']]['answered'];
