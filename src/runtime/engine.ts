/**
 * `runtime/` is the only room that talks to container engines. It reads (containers, events) and
 * runs commands in containers; it never changes a container and never touches a namespace.
 * Pure functions over the engine's answers have files of their own, without I/O.
 * dockerode is imported on first use, so that a lab with only netns nodes never loads it.
 */
import type { Container } from '../topology/topology.ts';

export type EngineKind = 'docker' | 'podman';

/** An event of a container. Podman's words (`died`, `remove`) have been replaced by Docker's. */
export interface ContainerEvent {
  readonly action: 'start' | 'die' | 'destroy';
  /** 64 hex digits. */
  readonly id: string;
  /** Without a leading slash; null: the engine does not report it. */
  readonly name: string | null;
}

export type OutputStream = 'stdout' | 'stderr';

/** Takes a piece of a command's output, cut anywhere. */
export type OnOutput = (stream: OutputStream, bytes: Buffer) => void;

/** The caller's terminal (or pipe), for a command that is used interactively. */
export interface Terminal {
  /** Whether to allocate a terminal in the container. All output then comes as `stdout`. */
  readonly tty: boolean;
  readonly stdin: NodeJS.ReadableStream;
  readonly size: () => { readonly rows: number; readonly columns: number };
  /** Calls `changed` on every change of size, until the result is disposed of. */
  readonly onResize: (changed: () => void) => Disposable;
}

export interface ExecOptions {
  readonly onOutput: OnOutput;
  /** Absent: no standard input, no terminal. */
  readonly terminal?: Terminal;
  /** Stops listening. The command goes on, since engines have no way to end it. */
  readonly signal?: AbortSignal;
}

/** One container engine, reached by its socket. Every method throws LinkloomError E_ENGINE if the engine does not answer. */
export interface ContainerEngine {
  readonly kind: EngineKind;
  readonly socketPath: string;
  /** The containers that run now. Those of `known`, by id, are not asked about again: one that was restarted since is as it was. */
  list(known?: ReadonlyMap<string, Container>): Promise<readonly Container[]>;
  /** A container by id or name; null if there is none or it does not run. */
  inspect(idOrName: string): Promise<Container | null>;
  /** MACs that the engine gave to a container's devices on its networks, in lower case. */
  networkMacs(id: string): Promise<readonly string[]>;
  /**
   * Subscribes to the engine's events. Resolves once the engine has accepted the subscription, so that
   * a later `list` misses nothing. The iteration ends or throws when the stream is cut, and throws when
   * `signal` aborts.
   */
  events(signal: AbortSignal): Promise<AsyncIterable<ContainerEvent>>;
  /** Runs `argv` in a running container; returns its exit status. Throws E_NODE_MISSING if the container does not run. */
  exec(id: string, argv: readonly string[], options: ExecOptions): Promise<number>;
}
