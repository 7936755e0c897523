/**
 * `runtime/` is the only room that talks to container engines. It reads (containers, events) and
 * runs commands in containers; it never changes a container and never touches a namespace.
 * What can be a pure function over the engine's answers stands in a file of its own, without I/O.
 * dockerode is imported on first use: a lab of netns nodes alone never loads it.
 */
import type { Container } from '../topology/topology.ts';

export type EngineKind = 'docker' | 'podman';

/** What happened to a container. Podman's words (`died`, `remove`) are already Docker's here. */
export interface ContainerEvent {
  readonly action: 'start' | 'die' | 'destroy';
  /** 64 hex digits. */
  readonly id: string;
  /** Without a leading slash; null where the engine does not say. */
  readonly name: string | null;
}

export type OutputStream = 'stdout' | 'stderr';

/** A piece of a command's output as it came, cut anywhere. */
export type OnOutput = (stream: OutputStream, bytes: Buffer) => void;

/** The caller's terminal (or pipe), for a command that is used interactively. */
export interface Terminal {
  /** Allocate a terminal in the container; output then comes as `stdout` alone. */
  readonly tty: boolean;
  readonly stdin: NodeJS.ReadableStream;
  readonly size: () => { readonly rows: number; readonly columns: number };
  /** Calls back on every change of size; the result ends that. */
  readonly onResize: (changed: () => void) => Disposable;
}

export interface ExecOptions {
  readonly onOutput: OnOutput;
  /** Absent: no standard input, no terminal. */
  readonly terminal?: Terminal;
  /** Stops listening. The command itself goes on: engines have no way to end it. */
  readonly signal?: AbortSignal;
}

/** One container engine, reached by its socket. Every method throws LinkloomError E_ENGINE if the engine does not answer. */
export interface ContainerEngine {
  readonly kind: EngineKind;
  readonly socketPath: string;
  /** The containers that run now. */
  list(): Promise<readonly Container[]>;
  /** A container by id or name; null if there is none or it does not run. */
  inspect(idOrName: string): Promise<Container | null>;
  /** MACs that the engine gave to a container's devices on its networks, in lower case. */
  networkMacs(id: string): Promise<readonly string[]>;
  /**
   * Follows the engine. Resolves once the engine has taken the subscription, so that a `list`
   * afterwards misses nothing. The iteration ends or throws when the stream is cut, and
   * throws when `signal` aborts.
   */
  events(signal: AbortSignal): Promise<AsyncIterable<ContainerEvent>>;
  /** Runs `argv` in a running container; returns its exit status. Throws E_NODE_MISSING if the container does not run. */
  exec(id: string, argv: readonly string[], options: ExecOptions): Promise<number>;
}
