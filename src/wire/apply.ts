/** Carrying out: jobs to a worker, and what became of them. Results carry failures, not successes. */
import type { NsId } from '../net/ns-id.ts';
import type { OpFailure } from './failure.ts';
import type { Op } from './op.ts';

/** The operations of one phase in one namespace, in order. */
export interface Job {
  readonly ns: NsId;
  /** Inode of the namespace as observed; null: it is still to be made. If the namespace has another one by now, the node was replaced: the job fails whole. */
  readonly inode: number | null;
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
  /** Where to take namespaces from: an Int32Array by `SPARES`; null: each is made when it is needed. */
  readonly spares: SharedArrayBuffer | null;
}

/** A task that belongs to no run. */
export const BY_ITSELF = { run: null, isCancellable: false, turn: null, spares: null } as const;

export interface JobResult {
  readonly failures: readonly OpFailure[];
  /** Ops not begun since the task was cancelled: from this index on; null: all were carried out. */
  readonly cancelledAt: number | null;
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
