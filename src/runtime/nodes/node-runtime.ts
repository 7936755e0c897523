/**
 * `nodes/` makes and removes the containers for the entries of `nodes:`. Linkloom's containers carry labels (NODE_LABEL). No other
 * container is ever touched: if one has a name that linkloom needs, that node fails. Nothing here knows of links.
 *
 * This file: what can be done with such containers, on either engine.
 */
import type { Readable } from 'node:stream';
import type { ContainerDefinition, CopiedFile } from '../../topology/nodes/definition.ts';
import type { EngineKind, OnOutput } from '../engine.ts';

/** The states of containers in Docker's words (Engine API, "List containers"). Podman's own words are translated into them. */
export type NodeState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** A container that linkloom made, in any state, as its labels describe it. */
export interface NodeContainer {
  /** 64 hex digits. */
  readonly id: string;
  /** Its name, `LAB.NODE`. */
  readonly name: string;
  readonly lab: string;
  /** NODE. */
  readonly node: string;
  /** The hash of the definition that it was made from; null: it has no such label. */
  readonly hash: string | null;
  /** The list of files that made it (`Loaded.fileSet`); null: it has no such label. */
  readonly files: string | null;
  readonly state: NodeState;
}

/** What a container gets beside its definition. It is no part of the definition's hash. */
export interface Surroundings {
  readonly lab: string;
  /** The list of files that makes it (`Loaded.fileSet`). */
  readonly files: string;
  /** Whether linkloom and the engine see the same files. False if linkloom itself runs in a container. */
  readonly seesHost: boolean;
  /** The file that is mounted as `/etc/hosts` in the container; null: the engine writes that file, with `hosts` in it. */
  readonly hostsPath: string | null;
  /** The names of the lab's nodes at this moment, for a container that can't share a file. */
  readonly hosts: readonly { readonly address: string; readonly names: readonly string[] }[];
}

export interface Created {
  readonly id: string;
  /** The engine's warnings about what it could not apply. */
  readonly warnings: readonly string[];
}

/** How much of an image is pulled. The total grows while the registry tells of more layers. */
export interface PullProgress {
  readonly image: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface LogOptions {
  readonly onOutput: OnOutput;
  /** Also pass on what the container writes from now on, until it ends. */
  readonly follow: boolean;
  /** The number of lines from the end; null: all lines. */
  readonly tail: number | null;
  /** Only lines written after this time, in seconds since the Unix epoch, with fractions; null: from the beginning. */
  readonly sinceS: number | null;
  readonly timestamps: boolean;
  readonly signal?: AbortSignal;
}

/** The result of a container's health check; `none`: it has no health check. */
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';

/**
 * Every method throws LinkloomError: E_NODE_FAILED with the engine's words if the engine refuses, E_NODE_MISSING if there is no such
 * container, E_ENGINE if the engine does not answer.
 */
export interface NodeRuntime {
  readonly kind: EngineKind;
  /** All containers with the lab's label, running or not. */
  list(lab: string): Promise<readonly NodeContainer[]>;
  /** The container with this name, linkloom's or not; null: there is none. */
  find(name: string): Promise<{ readonly id: string; readonly lab: string | null } | null>;
  hasImage(image: string): Promise<boolean>;
  pull(image: string, onProgress: (progress: PullProgress) => void, signal?: AbortSignal): Promise<void>;
  /** Makes a container without starting it, and copies its files into it. If that fails, removes it again. */
  create(definition: ContainerDefinition, around: Surroundings): Promise<Created>;
  /** The pid of a running container's first process, on this machine. */
  pid(id: string): Promise<number>;
  /** Starts a container, unless it runs, and returns the pid of its first process. */
  start(id: string): Promise<number>;
  /** Stops a container: SIGTERM, and SIGKILL after `timeoutS` seconds (0: at once). Does nothing if it does not run. */
  stop(id: string, timeoutS: number): Promise<void>;
  /** Stops and starts a container, and returns the pid of its new first process. */
  restart(id: string, timeoutS: number): Promise<number>;
  /** Removes a container with its anonymous volumes, running or not. Does nothing if it is gone already. */
  remove(id: string): Promise<void>;
  logs(id: string, options: LogOptions): Promise<void>;
  /** Copies files into a container, running or not. The folder of each target has to exist. */
  copyIn(id: string, files: readonly CopiedFile[]): Promise<void>;
  /** A tar archive of a file or folder. The paths in it begin with the last part of `path`. */
  copyOut(id: string, path: string): Promise<Readable>;
  /** Whether a path in a container is a folder, or a symbolic link to one; null: there is no such path. */
  isFolder(id: string, path: string): Promise<boolean | null>;
  /** Whether a path exists in a container. `path` is absolute. */
  hasPath(id: string, path: string): Promise<boolean>;
  health(id: string): Promise<Health>;
  /** Waits until a container ends, and returns its exit status; -1 if `signal` aborts before. */
  waitExit(id: string, signal: AbortSignal): Promise<number>;
}
