/** How a lab is, as the daemon knows from its last pass. It is healthy if nothing of this is amiss. */
export interface Condition {
  /** Whether there was a first pass. */
  readonly isPassed: boolean;
  /** Sockets of the engines that do not answer. */
  readonly lost: readonly string[];
  /** What failed and is tried again: `NODE:DEV`, `bridge NAME`… */
  readonly failing: readonly string[];
  /** Links of running nodes that wait for another one: `NODE:DEV`. */
  readonly waiting: readonly string[];
  /** Attempts to make what had failed, since the start. */
  readonly retries: number;
}

/** Before the daemon's loop begins. */
export const NOT_YET: Condition = { isPassed: false, lost: [], failing: [], waiting: [], retries: 0 };

/** Whether the engines are followed and all links of the nodes that run are up. */
export function isHealthy({ isPassed, lost, failing, waiting }: Condition): boolean {
  return isPassed && lost.length === 0 && failing.length === 0 && waiting.length === 0;
}
