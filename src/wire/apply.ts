/** Jobs that a worker carries out, and their results. A result lists what failed, not what succeeded. */
import type { NsId } from '../net/ns-id.ts';
import type { OpFailure } from './failure.ts';
import type { Op } from './op.ts';

/** The operations of one phase in one namespace, in order. */
export interface Job {
  readonly ns: NsId;
  /**
   * The namespace's inode as observed. null: the namespace is still to be made. If the inode differs by now, the node
   * was replaced, and the whole job fails.
   */
  readonly inode: number | null;
  /** The same for the namespaces of its veths' other ends, if those were observed. */
  readonly peerInodes?: Readonly<Partial<Record<NsId, number>>>;
  readonly ops: readonly Op[];
}

/** One dispatch: several jobs that one worker carries out one after another. */
export interface ApplyTask {
  readonly task: 'apply';
  readonly jobs: readonly Job[];
  /**
   * Memory that the tasks of a run share: an Int32Array with the positions of `RUN_STATE`. null: the task belongs to no
   * run.
   */
  readonly run: SharedArrayBuffer | null;
  /** Whether the worker stops before its next send when the run is cancelled. */
  readonly isCancellable: boolean;
  /**
   * The number of tasks that the run must have completed, without a failure, before this task. The task is sent ahead
   * of time, and the worker declines it if fewer are complete. null: the task is carried out in any case.
   */
  readonly turn: number | null;
  /**
   * Memory of the pool of spare namespaces: an Int32Array with the positions of `SPARES`. null: each namespace is made
   * when it is needed.
   */
  readonly spares: SharedArrayBuffer | null;
  /** Whether it is short, so that the thread that asks may carry it out itself if no worker has been started. */
  readonly isShort: boolean;
}

/** The fields of a task that belongs to no run. */
export const BY_ITSELF = { run: null, isCancellable: false, turn: null, spares: null, isShort: false } as const;

export interface JobResult {
  readonly failures: readonly OpFailure[];
  /** The index of the first op that was not begun because the task was cancelled. null: all ops were carried out. */
  readonly cancelledAt: number | null;
  /** Milliseconds since the Unix epoch, with fractions (performance.timeOrigin + now), for traces. */
  readonly startedMs: number;
  readonly endedMs: number;
}

export interface ApplyResult {
  readonly thread: number;
  /** The worker declined the task because an earlier one had failed; see `turn`. There are no results then. */
  readonly isDeclined: boolean;
  readonly jobs: readonly JobResult[];
}
