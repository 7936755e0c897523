import type { Failure } from '../../events.ts';
import type { Override } from '../../plan/plan.ts';

/** What became of one end of a link. */
export interface EndReport {
  /** `NODE:DEV`. */
  readonly link: string;
  /** `node`: the device in the node. `port`: the link's other end, on the switch side. */
  readonly end: 'node' | 'port';
  /** What has changed, for people: `state up → down`. Empty: it was like that already. */
  readonly changes: readonly string[];
  /** What is set by hand on this end now. */
  readonly overrides: readonly Override[];
  /** Whether the kernel refused it; `failures` says why. */
  readonly hasFailed: boolean;
}

/** The result of `set` and `reset`. */
export interface SetReport {
  readonly lab: string;
  readonly ends: readonly EndReport[];
  /** Links that a glob or a bridge stood for, and that are not there. */
  readonly missing: readonly string[];
  readonly failures: readonly Failure[];
}
