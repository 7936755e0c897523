import type { Emit, LinkStep } from '../../events.ts';

/** A writer of events to one stream. */
export interface Reporter {
  readonly emit: Emit;
  /** Which steps of links it has something to say of: what is done once (`once`), or for as long as a lab is followed. */
  readonly hears: Readonly<Record<'once' | 'following', ReadonlySet<LinkStep>>>;
  /** Write what is still owed and leave the terminal as it was. Events after it are lost. */
  readonly close: () => void;
}
