import type { Dispatch, Emit, Failure } from '../events.ts';
import type { NsId } from '../net/ns-id.ts';
import { type PlaceName, spokenPlaces } from '../topology/places.ts';
import type { Node } from '../topology/topology.ts';
import { peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';
import { newRunState, RUN_STATE } from '../wire/shared.ts';
import type { SparePool } from './threads/spares.ts';
import { Undoing } from './undo.ts';
import type { Workers } from './workers.ts';

export interface ExecuteOptions {
  readonly emit: Emit;
  /** Aborted: begin no more links, finish those begun. */
  readonly signal: AbortSignal | null;
  /** They name the namespaces in messages. Default: none. */
  readonly nodes?: readonly Node[];
  /**
   * What a worker that dies takes with it: its links `fail`, or all that has not been begun is `leave`d, so that the caller can
   * look and plan again. Default `fail`.
   */
  readonly onCrash?: 'fail' | 'leave';
  /** The same for a named namespace that other labs have made, removed or come into since it was seen. Default `fail`. */
  readonly onChange?: 'fail' | 'leave';
  /** Makes the plan's namespaces ahead; null: there are few. */
  readonly spares?: SparePool | null;
  /** Told of each dispatch that came back, for traces. */
  readonly onDispatch?: ((dispatch: Dispatch) => void) | undefined;
}

export interface Execution {
  readonly failures: readonly Failure[];
  /** `NODE:DEV` of links that failed. */
  readonly failed: ReadonlySet<string>;
  /** `NODE:DEV` of links not begun since the run was interrupted. */
  readonly skipped: ReadonlySet<string>;
  /** Why workers died, one line each; with any, and `onCrash: 'leave'`, the plan was not carried out to its end. */
  readonly crashes: readonly string[];
  /** Named namespaces that were not any more what was seen; with any, and `onChange: 'leave'`, likewise. */
  readonly changed: readonly NsId[];
  /** First dispatch to last acknowledgement. */
  readonly applyMs: number;
}

/** The state of one execution: what has failed so far, and the memory that it shares with its tasks. */
export class Run {
  readonly failures: Failure[] = [];
  readonly failed = new Set<string>();
  readonly skipped = new Set<string>();
  readonly crashes: string[] = [];
  readonly changed: NsId[] = [];
  /** Namespaces that could not be made or entered. */
  readonly deadNamespaces = new Set<NsId>();
  /** Namespaces not made since the run was interrupted. */
  readonly skippedNamespaces = new Set<NsId>();
  /** The two links of each direct veth. */
  readonly partner = new Map<string, string>();
  /** As the worker sees it (`RUN_STATE`). */
  readonly state = newRunState();
  #spares: SharedArrayBuffer | null = null;
  #done = 0;

  readonly workers: Workers;
  readonly options: ExecuteOptions;
  readonly total: number;
  readonly undoing: Undoing;
  /** Names of namespaces, for people. */
  readonly place: PlaceName;

  constructor(workers: Workers, options: ExecuteOptions, ops: readonly Op[]) {
    this.workers = workers;
    this.options = options;
    this.total = ops.length;
    this.undoing = new Undoing(ops);
    this.place = spokenPlaces(options.nodes ?? []);
    for (const op of ops) {
      const peer = op.op === 'link.add' ? peerOf(op)?.link : null;
      if (!peer || !op.link) continue;
      this.partner.set(op.link, peer);
      this.partner.set(peer, op.link);
    }
  }

  /** The memory through which a worker takes spare namespaces (`SPARES`); null: there are none. */
  get spares(): SharedArrayBuffer | null {
    return this.#spares;
  }

  /** Begin to make spare namespaces for these ops. */
  makeSpares(ops: readonly Op[]): void {
    this.#spares = this.options.spares?.fill(ops.filter(({ op }) => op === 'netns.add').length) ?? null;
  }

  fail(link: string | null, failure: Failure): void {
    const links = link === null ? [] : [link, this.partner.get(link)];
    if (links.some((name) => name !== undefined && this.failed.has(name))) return;
    for (const name of links) if (name !== undefined) this.failed.add(name);
    this.failures.push(failure);
    this.options.emit({ type: 'failure', failure });
  }

  skip(link: string | null): void {
    for (const name of link === null ? [] : [link, this.partner.get(link)])
      if (name !== undefined) this.skipped.add(name);
  }

  /** Begin no more links. */
  cancel(): void {
    Atomics.store(new Int32Array(this.state), RUN_STATE.cancelled, 1);
  }

  /** Whether nothing more is sent, because a worker died or others changed a namespace, and the caller wants to look and plan again. */
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
    // The end that is whole waits for the other.
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
