/**
 * All that the reporters ever see. Stages emit events; `src/report/` alone turns them into bytes.
 */
import type { Diagnostic, ErrorCode } from './errors.ts';
import type { Subject } from './subject.ts';

export type Stage = 'load' | 'observe' | 'plan' | 'apply';

/** A failure, as people and JSON see it. */
export interface Failure {
  readonly subject: Subject;
  readonly code: ErrorCode;
  /** What was attempted, the errno's name, and the kernel's message. */
  readonly message: string;
  readonly hint?: string;
}

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

/** A node or link that does not exist yet, and the links that wait for it. */
export interface Pending {
  /** A node that does not run (a service's name stands for all its replicas), or a link of one that runs. */
  readonly subject: Extract<Subject, { kind: 'node' | 'link' }>;
  /** `NODE:DEV`; empty for a node that has commands alone. */
  readonly links: readonly string[];
  /** For people: `no container of service web runs`. */
  readonly why: string;
}

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

/** The result of `up` or `down`. */
export interface Summary {
  readonly lab: string;
  readonly links: LinkCounts;
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
 * What becomes of a link in a pass, a step at a time. `wanted`: once for each link when the pass begins. `begun`: its operations go to
 * a worker; ends in one of `made`, `changed`, `failed` and `removed`, once all are acknowledged or one is refused, and in
 * `waits` only where the run is interrupted before its turn. `failed` and `waits` without `begun`: something is in the way, or not there
 * yet. A link that is in order has `wanted` alone. `drifted`: it was in order, and others changed it; `mended`: it is in order again.
 * `removed` without `begun`: it went with its node. Only a link that is made and then does not carry fails after its end.
 */
export type LinkStep = 'wanted' | 'begun' | 'made' | 'changed' | 'failed' | 'waits' | 'drifted' | 'mended' | 'removed';

/** What is begun: `remake` is a new device in place of one that can't be changed into it. */
export type LinkChange = 'make' | 'change' | 'remake' | 'remove';

/** What a link or a tunnel is like. */
export interface LinkFacts {
  /** `veth`, `vxlan`… */
  readonly type: string;
  readonly addresses: readonly string[];
  /** The end that is not in the node, or the parent; null: none. */
  readonly outerDev: string | null;
  readonly bridge: string | null;
  /** Of a tunnel. */
  readonly remote: string | null;
}

export interface LinkEvent {
  readonly type: LinkStep;
  /** A link or a tunnel; of `drifted` and `mended` also a bridge or a namespace. */
  readonly subject: Subject;
  /** Why, for people: `missing`, `mtu 1500 → 9000`; null: it says itself. */
  readonly cause: string | null;
  /** Which reading of the configuration it is by, from 1; null: by none. */
  readonly revision: number | null;
  /** Milliseconds since the process started, monotonic. */
  readonly atMs: number;
  /** Of `begun`. */
  readonly change?: LinkChange;
  /** Of what is begun to be made, and of what went with its node. */
  readonly facts?: LinkFacts;
  /** Of `failed`. */
  readonly failure?: Failure;
}

/** Who hears of links, and of which steps. A step that is not among them costs nothing. Never throws, never blocks. */
export interface LinkListener {
  readonly hears: ReadonlySet<LinkStep>;
  readonly tell: (event: LinkEvent) => void;
}

export type Event =
  | LinkEvent
  | { readonly type: 'stage'; readonly stage: Stage; readonly state: 'begin' | 'end'; readonly elapsedMs: number }
  | {
      readonly type: 'progress';
      readonly what: 'operations' | 'links' | 'namespaces';
      readonly done: number;
      readonly total: number;
      readonly failed: number;
    }
  /** A line for people that others may look for (`Listening on …`, `All links connected`, `Creating veth link …`). */
  | { readonly type: 'notice'; readonly message: string }
  /** The same, only with --verbose. */
  | { readonly type: 'detail'; readonly message: string }
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'commandOutput'; readonly node: string; readonly text: string }
  | { readonly type: 'summary'; readonly verb: 'up' | 'down'; readonly summary: Summary };

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
