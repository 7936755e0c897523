/** What the daemon needs of the pipeline. */
import type { Failure, Pending } from '../events.ts';
import type { CommandSpec, Container } from '../topology/topology.ts';

export interface ReconcileRequest {
  /** `all`: the whole lab with bridges and netns nodes, drift looked for; else only the containers of these ids. */
  readonly scope: 'all' | ReadonlySet<string>;
  /** Every container that runs and that the lab wants, also those out of scope. */
  readonly containers: readonly Container[];
  /**
   * Containers, as last known, whose process has ended since they were last handed over. Their outer ports
   * are to be deleted (by ifindex) before anything is made for `containers`: the same container
   * may be among those, started again.
   */
  readonly gone: readonly Container[];
  /** What is in its pause, by `NODE:DEV`, `bridge NAME`…: it is left as it is, whoever else is looked after. */
  readonly paused: ReadonlySet<string>;
  /** Aborted when the daemon is to stop: finish or undo the batch under way and return. */
  readonly signal: AbortSignal;
}

export interface ReconcileResult {
  /** Failures by container id, for those of the scope that have any. */
  readonly failed: ReadonlyMap<string, readonly Failure[]>;
  /** Failures of what belongs to no container: bridges, tunnels, netns nodes. */
  readonly labFailures: readonly Failure[];
  /** Links that were made, changed or mended. */
  readonly changed: number;
  /** What of the failures the kernel was asked for, and the containers that it is about: the link's own and the other end's. */
  readonly tried?: ReadonlyMap<string, readonly string[]>;
  /** What would have been changed and was left as it is since it is in its pause, or stands on what is. */
  readonly held?: ReadonlySet<string>;
  /** What had been in order, was changed by others, and was put back or tried to: `NODE:DEV` or `bridge NAME` → whose it is, the id of a container or '' for the lab's own. */
  readonly drifted?: ReadonlyMap<string, string>;
  /** What the whole lab waits for now: nodes that do not run, and links of running nodes whose other end or parent is not there. */
  readonly pending?: readonly Pending[];
  /** Links wanted of all nodes that run now, in scope or not. */
  readonly links: number;
}

/** Brings the kernel to what is described. Calls never overlap. */
export interface Reconciler {
  /** Whether the lab has links or commands for a container. Pure, quick. */
  wants(container: Container): boolean;
  /** The commands to run in a container once its links are up. Pure, quick. */
  commandsOf(container: Container): readonly CommandSpec[];
  /** Makes the kernel as described. What can't be done comes back as failures; throws only where nothing could be tried. */
  reconcile(request: ReconcileRequest): Promise<ReconcileResult>;
  /** Calls back when something changed in the kernel that the lab may want mended; until `remove` or disposal. */
  heed?(onChange: (scope: 'all' | ReadonlySet<string>) => void): void;
  /** Removes the lab. */
  remove(): Promise<void>;
}
