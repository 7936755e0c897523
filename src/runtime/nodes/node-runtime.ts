/**
 * `nodes/` is the containers that linkloom itself makes, for the entries of `nodes:`. Ours carry labels (NODE_LABEL), and no other
 * container is ever touched: a name that another one has is refused. What links these containers is not known here.
 *
 * This file: what can be done with them, on either engine.
 */
import type { Readable } from 'node:stream';
import type { ContainerDefinition, CopiedFile } from '../../topology/nodes/definition.ts';
import type { EngineKind, OnOutput } from '../engine.ts';

/** Docker's words (Engine API, "List containers"); Podman's `configured`, `stopped` and the like are put into them. */
export type NodeState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** A container by its labels, whatever its state. */
export interface NodeContainer {
  /** 64 hex digits. */
  readonly id: string;
  /** Its name, `LAB.NODE`. */
  readonly name: string;
  readonly lab: string;
  /** NODE. */
  readonly node: string;
  /** Of the definition that it was made from; null: it does not say. */
  readonly hash: string | null;
  /** Which list of files made it; null: it does not say. */
  readonly files: string | null;
  readonly state: NodeState;
}

/** What the place adds to a definition, which is not in its hash. */
export interface Surroundings {
  readonly lab: string;
  /** Which list of files makes it. */
  readonly files: string;
  /** Whether a path means the same here as to the engine: not where linkloom runs in a container itself. */
  readonly seesHost: boolean;
  /** A file of this machine that is to be `/etc/hosts` in the container; null: the engine's own, with `hosts` in it. */
  readonly hostsPath: string | null;
  /** `ADDRESS NAME…` lines as they are at this moment, for where no file can be shared. */
  readonly hosts: readonly { readonly address: string; readonly names: readonly string[] }[];
}

export interface Created {
  readonly id: string;
  /** What the engine could not apply, in its own words. */
  readonly warnings: readonly string[];
}

/** How far an image has come; the sizes are what the registry has said so far. */
export interface PullProgress {
  readonly image: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface LogOptions {
  readonly onOutput: OnOutput;
  /** Stay, and tell what is written from now on, until the container ends. */
  readonly follow: boolean;
  /** So many lines of the end; null: all. */
  readonly tail: number | null;
  /** Seconds since the Unix epoch, with fractions; null: from the beginning. */
  readonly sinceS: number | null;
  readonly timestamps: boolean;
  readonly signal?: AbortSignal;
}

/** As its health check has it; `none`: it has none. */
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';

/**
 * Throws LinkloomError: E_NODE_FAILED with the engine's words where it refuses one container, E_NODE_MISSING where that is not there,
 * E_ENGINE where it does not answer.
 */
export interface NodeRuntime {
  readonly kind: EngineKind;
  /** All containers of the lab by their label, those that do not run too. */
  list(lab: string): Promise<readonly NodeContainer[]>;
  /** Whoever has the name, ours or not; null: nobody. */
  find(name: string): Promise<{ readonly id: string; readonly lab: string | null } | null>;
  hasImage(image: string): Promise<boolean>;
  pull(image: string, onProgress: (progress: PullProgress) => void, signal?: AbortSignal): Promise<void>;
  /** Makes the container, which does not run yet, and copies its files in; where that fails, it is removed again. */
  create(definition: ContainerDefinition, around: Surroundings): Promise<Created>;
  /** The process of one that runs, on this machine. */
  pid(id: string): Promise<number>;
  /** Its process. A container that runs is left as it is. */
  start(id: string): Promise<number>;
  /** Ends its process; SIGKILL after `timeoutS` (0: at once). One that does not run is no failure. */
  stop(id: string, timeoutS: number): Promise<void>;
  /** Its new process. */
  restart(id: string, timeoutS: number): Promise<number>;
  /** With its anonymous volumes, running or not. Gone already is no failure. */
  remove(id: string): Promise<void>;
  logs(id: string, options: LogOptions): Promise<void>;
  /** Into a container, which may be stopped. The folder of the target has to be there. */
  copyIn(id: string, files: readonly CopiedFile[]): Promise<void>;
  /** A tar archive of a file or folder, its name first. */
  copyOut(id: string, path: string): Promise<Readable>;
  /** Whether a path of a container is a folder (a link to one counts); null: it is not there. */
  isFolder(id: string, path: string): Promise<boolean | null>;
  /** Whether there is such a file or folder (or link) in a container. `path` is absolute. */
  hasPath(id: string, path: string): Promise<boolean>;
  health(id: string): Promise<Health>;
  /** The exit status, once it has ended; -1 where `signal` aborts first. */
  waitExit(id: string, signal: AbortSignal): Promise<number>;
}
