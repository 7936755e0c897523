/** What the thread that plays timelines is told and tells: messages are ready before their time, and it waits for that. */
import type { Job } from './apply.ts';
import type { OpFailure } from './failure.ts';

/** What the thread is started with. */
export interface PlayerStart {
  /** An Int32Array of one field, not 0: nothing more is begun. Whoever sets it wakes the thread (Atomics.notify). */
  readonly stop: SharedArrayBuffer;
}

export type PlayerOrder =
  /** Carry out jobs at a time, in milliseconds of the clock that nobody sets (process.hrtime). */
  | { readonly order: 'cue'; readonly id: number; readonly dueMs: number; readonly jobs: readonly Job[] }
  | { readonly order: 'close' };

/** What became of a cue. Times are as `dueMs`. */
export interface CueReport {
  readonly id: number;
  /** When the first message was handed to the kernel; null: there was none. */
  readonly firstMs: number | null;
  /** When the last one was acknowledged. */
  readonly lastMs: number | null;
  /** By the index of their job. */
  readonly failures: readonly { readonly job: number; readonly failure: OpFailure }[];
  /** The thread was told to stop first, so nothing was begun. */
  readonly isSkipped: boolean;
}
