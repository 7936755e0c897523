import type { Emit } from '../../events.ts';

/** A writer of events to one stream. */
export interface Reporter {
  readonly emit: Emit;
  /** Write what is still owed and leave the terminal as it was. Events after it are lost. */
  readonly close: () => void;
}
