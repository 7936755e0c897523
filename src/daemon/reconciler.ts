/** The daemon's view of the pipeline: what it asks for, and what it is told. */
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
  /** What is not to be changed now, by `NODE:DEV`, `bridge NAME`…: its next attempt is not due, or others change it again and again. */
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
  /** The failures for which the kernel was asked, each with the containers that it concerns: the link's own and the other end's. */
  readonly tried?: ReadonlyMap<string, readonly string[]>;
  /** What would have been changed, but is in `paused`, or depends on something that is. */
  readonly held?: ReadonlySet<string>;
  /** Drift that this pass repaired, or tried to: `NODE:DEV` or `bridge NAME` → the id of the container that it belongs to, or '' where it belongs to none. */
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
  /** Calls back when others changed something of the lab in the kernel, until `remove` or disposal. */
  watch?(onChange: (scope: 'all' | ReadonlySet<string>) => void): void;
  /** Removes the lab. */
  remove(): Promise<void>;
}
