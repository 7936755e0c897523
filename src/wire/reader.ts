/** Messages of the thread that waits for the end of a reader. Plain data, like everything in this folder. */
import type { OpFailure } from './failure.ts';

export interface ReaderWatchStart {
  /** The writing end of a pipe, or a socket. */
  readonly fd: number;
}

export type ReaderReport =
  /** A byte on `wakeFd` ends the thread. */
  | { readonly report: 'ready'; readonly wakeFd: number }
  | { readonly report: 'readerGone' }
  /** It can't watch. */
  | { readonly report: 'failed'; readonly failure: OpFailure };
