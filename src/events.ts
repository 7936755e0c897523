/**
 * All that the reporters ever see. Stages emit events; `src/report/` alone turns them into bytes.
 */
import type { Diagnostic, ErrorCode, Span } from './errors.ts';
import type { Notice } from './notices.ts';
import type { Subject } from './subject.ts';

/**
 * `carriers`: new links are waited for until they carry. Of `down`: programs and commands are ended (`end`), it is looked for what the
 * lab has (`find`), that is removed (`remove`), the kernel takes apart what is removed (`dismantle`), containers go (`containers`).
 */
export type Stage =
  | ('load' | 'observe' | 'plan' | 'apply' | 'carriers' | 'verify' | 'check')
  | ('end' | 'find' | 'remove' | 'dismantle' | 'containers');

/** A failure, as people and JSON see it. */
export interface Failure {
  readonly subject: Subject;
  readonly code: ErrorCode;
  /** What was attempted, the errno's name, and the kernel's message. */
  readonly message: string;
  readonly hint?: string;
}

/** How many links a run wanted, and what became of them. Each is counted once. */
export interface LinkCounts {
  readonly desired: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly failed: number;
  /** Links whose node does not run yet, and those that wait for their other end or their parent. */
  readonly pending: number;
}

/** Of the nodes that linkloom makes itself: the entries of `nodes:`, and the namespaces that links and commands name. */
export interface NodeCounts {
  readonly desired: number;
  readonly created: number;
  /** Made anew from another definition, started again, or given other addresses of `lo`. */
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly failed: number;
}

/** A node or link that does not exist yet, and the links that wait for it. */
export interface Pending {
  /** A node that does not run (a service's name stands for all its replicas), or a link of one that runs. */
  readonly subject: Extract<Subject, { kind: 'node' | 'link' }>;
  /** `NODE:DEV`; empty for a node that has commands alone. */
  readonly links: readonly string[];
  /** For people: `no container of service web runs`. */
  readonly why: string;
}

/** How long the stages of a run took, in milliseconds. */
export interface Timings {
  readonly loadMs: number;
  readonly observeMs: number;
  readonly planMs: number;
  /** First job's dispatch to last acknowledgement. */
  readonly applyMs: number;
  /** From process start; of a daemon's end: from where that began. */
  readonly totalMs: number;
}

/** What is known of a configured command. */
export interface CommandReport {
  readonly kind: 'container' | 'netns' | 'host';
  readonly node: string;
  readonly argv: readonly string[];
  /**
   * `ended`: by itself, `status` says how; `killed`: by a signal; `failed`: could not be run; `unknown`: nobody saw how it ended;
   * `not run`: configured, and never begun.
   */
  readonly state: 'running' | 'ended' | 'killed' | 'failed' | 'unknown' | 'not run';
  /** On this machine; null in a container. */
  readonly pid: number | null;
  readonly status: number | null;
  /** `SIGKILL`. */
  readonly signal: string | null;
  /** Why it could not be run. */
  readonly error: string | null;
  /** ISO 8601; null: not begun, not ended. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** The last lines that it wrote, both streams. */
  readonly output: readonly string[];
}

/** What is known of a program of `run:`, which a supervisor keeps running in a namespace. */
export interface ProgramReport {
  readonly node: string;
  readonly name: string;
  readonly argv: readonly string[];
  /**
   * `restarting`: it has ended, and is started again at `restartsAt`. `ended` and `failed`: it has ended for good, with status 0 or
   * otherwise. `not run`: it was never started.
   */
  readonly state: 'running' | 'restarting' | 'ended' | 'failed' | 'not run';
  readonly pid: number | null;
  /** How often it was started again. */
  readonly restarts: number;
  /** ISO 8601. null: it runs, or is not started again. */
  readonly restartsAt: string | null;
  /** How it ended the last time, for people: `ended with status 3`. null: it never did. */
  readonly end: string | null;
  /** The last line of its log, where it does not run. null: it wrote nothing. */
  readonly lastWords: string | null;
  /** The path of its log. */
  readonly log: string;
  /** What `up` would do about it. `take over`: it runs, and its supervisor does not. */
  readonly change: 'start' | 'restart' | 'take over' | 'end' | null;
  /** The differences from the configuration, for people. Empty: there are none, or no configuration was given. */
  readonly drift: readonly string[];
}

/** The result of `up` or `down`. */
export interface Summary {
  readonly lab: string;
  readonly links: LinkCounts;
  readonly nodes: NodeCounts;
  readonly timings: Timings;
  readonly failures: readonly Failure[];
  /** Nodes that do not run, and links that wait; `links.pending` is the number of all their links. */
  readonly pending: readonly Pending[];
  /** The commands that this run started. */
  readonly commands: readonly CommandReport[];
  /** As in `Plan`: links that other files made, which therefore stay. */
  readonly orphans: readonly string[];
}

/**
 * The steps of a link in a pass; docs/events.md describes each.
 *
 * Every link of a pass has one `wanted`, and a link that is in order has nothing else. A link that is `begun` ends in one of `made`,
 * `changed`, `failed` and `removed`, once the kernel has acknowledged all of its operations or refused one; it ends in `waits` if the
 * run is interrupted before its turn. A link can also have `failed`, `waits` or `removed` without `begun`: something is in its way,
 * something that it needs is not there yet, or it has gone together with its node. A link that was made but does not carry has
 * `failed` after `made`.
 */
export type LinkStep = 'wanted' | 'begun' | 'made' | 'changed' | 'failed' | 'waits' | 'drifted' | 'mended' | 'removed';

/** What `begun` begins. `remake`: a new device takes the place of one that the kernel can't change in place. */
export type LinkChange = 'make' | 'change' | 'remake' | 'remove';

/** What a reporter says about a link or a tunnel. */
export interface LinkFacts {
  /** `veth`, `vxlan`… */
  readonly type: string;
  readonly addresses: readonly string[];
  /** The name of the link's other end, outside the node, or of its parent. null: the link has neither. */
  readonly outerDev: string | null;
  readonly bridge: string | null;
  /** The address that a tunnel sends to. null: it is no tunnel. */
  readonly remote: string | null;
}

/** One step of one link. */
export interface LinkEvent {
  readonly type: LinkStep;
  /** A link or a tunnel. `drifted` and `mended` can also be about a bridge or a namespace. */
  readonly subject: Subject;
  /** Why the step is taken, for people: `missing`, `mtu 1500 → 9000`. null: the type of the step says it. */
  readonly cause: string | null;
  /** Which reading of the configuration asked for the step, counted from 1. null: none did. */
  readonly revision: number | null;
  /** Milliseconds since the process started, monotonic. */
  readonly atMs: number;
  /** Only in `begun`. */
  readonly change?: LinkChange;
  /** Only in `begun` of a link that is made, and in `removed` of a link that went with its node. */
  readonly facts?: LinkFacts;
  /** Only in `failed`. */
  readonly failure?: Failure;
}

/** A listener, and the steps that it hears. A step that nobody hears costs nothing. `tell` never throws and never blocks. */
export interface LinkListener {
  readonly hears: ReadonlySet<LinkStep>;
  /** Is called in the middle of the run. */
  readonly tell: (event: LinkEvent) => void;
}

/** What a run tells while it goes: the steps of links, stages and progress, what fails, what is waited for, and remarks. Times are in ms. */
export type Event =
  | LinkEvent
  | Notice
  | {
      readonly type: 'stage';
      readonly stage: Stage;
      readonly state: 'begin' | 'end';
      readonly elapsedMs: number;
      /** What the stage is about, for people: `400 bridges`. */
      readonly about?: string;
    }
  | {
      readonly type: 'progress';
      readonly what: 'operations' | 'links' | 'namespaces';
      readonly done: number;
      readonly total: number;
      readonly failed: number;
    }
  /**
   * Something that `set` does: a link was set by hand (`set`), is as configured again (`reset`), or is no longer as it was set, since its
   * device is gone (`lost`). `link` is `NODE:DEV`; `end` `port` is its other end, on the switch side. `what` is for people.
   */
  | {
      readonly type: 'override';
      readonly step: 'set' | 'reset' | 'lost';
      readonly link: string;
      readonly end: 'node' | 'port';
      readonly what: string;
    }
  /** All links of all running nodes are up and none failed. Told each time that this becomes true. */
  | { readonly type: 'connected' }
  /** What the lab waits for. The daemon tells each thing once. `leftMs`: how long it is waited for at most; null: without end. */
  | { readonly type: 'waiting'; readonly pending: readonly Pending[]; readonly leftMs: number | null }
  /** A container of the lab has started, ended, was paused or goes on (the daemon). */
  | {
      readonly type: 'container';
      readonly change: 'started' | 'ended' | 'paused' | 'unpaused';
      readonly name: string;
      readonly containerId: string;
    }
  /** What became of the nodes of `nodes:`, told by the daemon and by `up --watch` when they have made some or taken some away. */
  | { readonly type: 'nodes'; readonly lab: string; readonly counts: NodeCounts }
  /** What the probes have shown of a lab's wires. `state` of a fault is one word. */
  | {
      readonly type: 'proved';
      readonly lab: string;
      readonly ok: number;
      readonly notProved: number;
      readonly faults: readonly {
        /** `NODE:DEV`. */
        readonly link: string;
        readonly state: string;
        readonly message: string | null;
        readonly hint: string | null;
        /** Where the link stands in the configuration; absent: not known. */
        readonly where?: Span | undefined;
      }[];
    }
  /** The program of a run has ended. `status`: 128 and the signal's number where one has ended it. */
  | { readonly type: 'ran'; readonly lab: string; readonly argv: readonly string[]; readonly status: number }
  /** A line for people, of what has no event of its own. `isTiming`: it tells how long things took, which differs from run to run. */
  | { readonly type: 'notice'; readonly message: string; readonly isTiming?: true }
  /** The same, only with --verbose. */
  | { readonly type: 'detail'; readonly message: string }
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'commandOutput'; readonly node: string; readonly text: string }
  | {
      readonly type: 'summary';
      readonly verb: 'up' | 'down';
      readonly summary: Summary;
      /** The stage that took longest. Reporters add it. */
      readonly slowest?: { readonly stage: Stage; readonly elapsedMs: number };
    };

/** One dispatch to a worker that came back, for traces. Times are milliseconds since the Unix epoch, with fractions. */
export interface Dispatch {
  /** Of `PHASES` in plan/jobs.ts. */
  readonly phase: string;
  /** The worker's thread. */
  readonly thread: number;
  readonly jobs: readonly {
    readonly ns: string;
    readonly ops: number;
    readonly startedMs: number;
    readonly endedMs: number;
  }[];
}

/** Where events go. Never throws, never blocks. */
export type Emit = (event: Event) => void;
