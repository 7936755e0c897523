import type { Emit, LinkStep } from '../../events.ts';

/** A writer of events to one stream. */
export interface Reporter {
  readonly emit: Emit;
  /** The steps of links that it prints: in a single run (`once`), and in a daemon (`following`). */
  readonly hears: Readonly<Record<'once' | 'following', ReadonlySet<LinkStep>>>;
  /** Writes all pending output and restores the terminal. Later events are lost. */
  readonly close: () => void;
}
