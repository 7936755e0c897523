import type { Dispatch, Emit, Failure } from '../events.ts';
import type { NsId } from '../net/ns-id.ts';
import { type PlaceName, spokenPlaces } from '../topology/places.ts';
import type { Node } from '../topology/topology.ts';
import { peerOf } from '../wire/make.ts';
import type { Op, OpName } from '../wire/op.ts';
import { newRunState, RUN_STATE } from '../wire/shared.ts';
import type { LinkEvents } from './links/link-events.ts';
import type { SparePool } from './threads/spares.ts';
import { Undoing } from './undo.ts';
import type { Workers } from './workers.ts';

export interface ExecuteOptions {
  readonly emit: Emit;
  /** When it aborts, no more links are begun, and those begun are finished. */
  readonly signal: AbortSignal | null;
  /** The nodes whose names stand for their namespaces in messages. Default: none. */
  readonly nodes?: readonly Node[];
  /**
   * What happens when a worker dies. `fail`: the links of its task fail. `leave`: no more work is begun, so that the caller can
   * observe and plan again. Default `fail`.
   */
  readonly onCrash?: 'fail' | 'leave';
  /**
   * The same choice for a named namespace that another lab has made, removed or put links into since it was observed. Default
   * `fail`.
   */
  readonly onChange?: 'fail' | 'leave';
  /** The pool that makes the plan's namespaces ahead; null if there are few. */
  readonly spares?: SparePool | null;
  /** Called with what becomes of each link. Default null: nobody listens. */
  readonly links?: LinkEvents | null;
  /** Called for each dispatch that has returned, for traces. */
  readonly onDispatch?: ((dispatch: Dispatch) => void) | undefined;
}

export interface Execution {
  readonly failures: readonly Failure[];
  /** `NODE:DEV` of links that failed. */
  readonly failed: ReadonlySet<string>;
  /** `NODE:DEV` of links that were not begun because the run was interrupted. */
  readonly skipped: ReadonlySet<string>;
  /** Namespaces of nodes that could not be made, entered or removed, or whose `lo` could not be changed. */
  readonly failedNodes: ReadonlySet<NsId>;
  /** Why workers died, one line each. If there are any and `onCrash` is `leave`, the plan was not carried out to its end. */
  readonly crashes: readonly string[];
  /**
   * Named namespaces that have changed since they were observed. If there are any and `onChange` is `leave`, the plan was not
   * carried out to its end.
   */
  readonly changed: readonly NsId[];
  /** From the first dispatch to the last acknowledgement. */
  readonly applyMs: number;
}

/** Ops that change what is there already: the kernel takes a tenth of a millisecond for one. */
const SETTINGS: ReadonlySet<OpName> = new Set([
  'link.set',
  'qdisc.netem',
  'qdisc.tbf',
  'ip.add',
  'ip.del',
  'ip.restore',
]);

/** So many are carried out in the time that the start of a thread takes. */
const SHORT_OPS = 512;

/** The state of one execution: what has failed so far, and the memory that it shares with its tasks. */
export class Run {
  readonly failures: Failure[] = [];
  readonly failed = new Set<string>();
  readonly skipped = new Set<string>();
  readonly crashes: string[] = [];
  readonly changed: NsId[] = [];
  /** Namespaces that could not be made or entered. */
  readonly deadNamespaces = new Set<NsId>();
  /** As in Execution. */
  readonly failedNodes = new Set<NsId>();
  /** Namespaces that were not made because the run was interrupted. */
  readonly skippedNamespaces = new Set<NsId>();
  /** For each end of a direct wire the link at its other end. */
  readonly partner = new Map<string, string>();
  /** Memory that the workers see too; its fields are those of `RUN_STATE`. */
  readonly state = newRunState();
  #spares: SharedArrayBuffer | null = null;
  #done = 0;

  readonly workers: Workers;
  readonly options: ExecuteOptions;
  readonly total: number;
  /** Whether there is so little to do that no thread need be started for it. */
  readonly isShort: boolean;
  readonly undoing: Undoing;
  /** Names of namespaces, for people. */
  readonly place: PlaceName;

  constructor(workers: Workers, options: ExecuteOptions, ops: readonly Op[]) {
    this.workers = workers;
    this.options = options;
    this.total = ops.length;
    this.isShort = ops.length <= SHORT_OPS && ops.every(({ op }) => SETTINGS.has(op));
    this.undoing = new Undoing(ops);
    this.place = spokenPlaces(options.nodes ?? []);
    for (const op of ops) {
      const peer = op.op === 'link.add' ? peerOf(op)?.link : null;
      if (!peer || !op.link) continue;
      this.partner.set(op.link, peer);
      this.partner.set(peer, op.link);
    }
  }

  /** The memory through which workers take spare namespaces (its fields are those of `SPARES`); null if there is no pool. */
  get spares(): SharedArrayBuffer | null {
    return this.#spares;
  }

  /** Starts to make spare namespaces for these ops. */
  makeSpares(ops: readonly Op[]): void {
    this.#spares = this.options.spares?.fill(ops.filter(({ op }) => op === 'netns.add').length) ?? null;
  }

  fail(link: string | null, failure: Failure): void {
    const links = link === null ? [] : [link, this.partner.get(link)];
    if (links.some((name) => name !== undefined && this.failed.has(name))) return;
    for (const name of links) if (name !== undefined) this.failAlso(name, failure);
    this.failures.push(failure);
    this.options.emit({ type: 'failure', failure });
  }

  /** A link that fails with another. */
  failAlso(link: string, failure: Failure): void {
    this.failed.add(link);
    this.options.links?.failed(link, failure);
  }

  skip(link: string | null): void {
    for (const name of link === null ? [] : [link, this.partner.get(link)])
      if (name !== undefined) this.skipped.add(name);
  }

  /** Begin no more links. */
  cancel(): void {
    Atomics.store(new Int32Array(this.state), RUN_STATE.cancelled, 1);
  }

  /**
   * Whether no more work is sent, because a worker died or another program changed a namespace, and the caller wants to plan again.
   */
  get isLeft(): boolean {
    return (this.crashes.length > 0 && this.options.onCrash === 'leave') || this.changed.length > 0;
  }

  /** Whether anything failed or was skipped. If nothing was, every operation of the plan is wanted. */
  get hasLosses(): boolean {
    return this.failed.size + this.skipped.size + this.deadNamespaces.size + this.skippedNamespaces.size > 0;
  }

  /** Whether an op is still to be carried out, after what failed before. */
  isWanted(op: Op): boolean {
    const isLost = (link: string): boolean => this.failed.has(link) || this.skipped.has(link);
    if (op.link !== null && isLost(op.link)) return false;
    // The end that was made waits for the other one.
    if (op.op === 'wire.patch' && isLost(op.otherLink)) return false;
    return !this.deadNamespaces.has(op.ns) && !this.skippedNamespaces.has(op.ns);
  }

  progress(ops: number): void {
    this.#done += ops;
    this.options.emit({
      type: 'progress',
      what: 'operations',
      done: this.#done,
      total: this.total,
      failed: this.failed.size,
    });
  }
}
