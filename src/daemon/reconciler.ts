/** The interface between the daemon's loop and the pipeline: what the loop asks for, and what it gets back. */
import type { Failure, Pending } from '../events.ts';
import type { CommandSpec, Container } from '../topology/topology.ts';
import type { Owner } from './drift/detector.ts';

export interface ReconcileRequest {
  /**
   * `all` for the whole lab, with its bridges and named namespaces, and with a search for drift; else the ids of the containers to
   * reconcile.
   */
  readonly scope: 'all' | ReadonlySet<string>;
  /** Every running container that the lab wants, in scope or not. */
  readonly containers: readonly Container[];
  /**
   * Containers whose process has ended since they were last passed here, as last known. Their outer ports are deleted (by ifindex)
   * before anything is made for `containers`. A container that was started again is in both lists.
   */
  readonly gone: readonly Container[];
  /**
   * The subjects that must not be changed now (`NODE:DEV`, `bridge NAME`…): their next attempt is not due, or others change them
   * again and again.
   */
  readonly paused: ReadonlySet<string>;
  /** Begin the commands of all named namespaces again, not only of those whose links are made. Default false. */
  readonly rerunCommands?: boolean;
  /** Remove also what other files made of the lab. Default: as the daemon was started. */
  readonly prune?: boolean;
  /** Take back what was set by hand. Default false. */
  readonly reset?: boolean;
  /** When it aborts, the daemon is to stop: finish or undo the current batch, and return. */
  readonly signal: AbortSignal;
}

export interface ReconcileResult {
  /** Failures by container id, for those containers in scope that have any. */
  readonly failed: ReadonlyMap<string, readonly Failure[]>;
  /** Failures of what belongs to no container: bridges, tunnels, named namespaces. */
  readonly labFailures: readonly Failure[];
  /** How many links were made, changed or repaired. */
  readonly changed: number;
  /**
   * The subjects for which the kernel was asked and failed, each with the ids of the containers that it concerns: the link's own
   * and the one at the other end.
   */
  readonly tried?: ReadonlyMap<string, readonly string[]>;
  /** The subjects that would have been changed, but are in `paused`, or depend on something that is. */
  readonly postponed?: ReadonlySet<string>;
  /**
   * Drift that this pass repaired, or tried to repair: by `NODE:DEV` or `bridge NAME`, with the owner of each.
   */
  readonly drifted?: ReadonlyMap<string, Owner>;
  /** What the whole lab waits for: nodes that do not run, and links of running nodes whose other end or parent does not exist. */
  readonly pending?: readonly Pending[];
  /** Whether links that were held back may rise in a pass over the whole lab that follows. Default false. */
  readonly mayRise?: boolean;
  /** How many links are wanted of all nodes that run now, in scope or not. */
  readonly links: number;
}

/** Makes the kernel match the configuration. Calls never overlap. */
export interface Reconciler {
  /** Whether the lab has links or commands for a container. Pure and quick. */
  wants(container: Container): boolean;
  /** The commands to run in a container once its links are up. Pure and quick. */
  commandsOf(container: Container): readonly CommandSpec[];
  /** Makes one pass. What can't be done comes back as failures; it throws only if nothing could be tried. */
  reconcile(request: ReconcileRequest): Promise<ReconcileResult>;
  /** Calls `onChange` when others have changed something of the lab in the kernel, until `remove` or disposal. */
  watch?(onChange: (scope: 'all' | ReadonlySet<string>) => void): void;
  /** Removes the lab. */
  remove(): Promise<void>;
}
