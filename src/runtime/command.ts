/** Starts configured commands in nodes and listens to them. Nothing here waits for their end. */
import type { CommandSpec } from '../topology/topology.ts';
import type { ContainerEngine, OnOutput } from './engine.ts';
import type { ProcessId } from './process.ts';

/** How a command ended. All fields are null if nobody saw it. */
export interface CommandEnd {
  /** Exit status; null: a signal ended the command, or it could not be run. */
  readonly status: number | null;
  /** `SIGKILL`, for example. In a container a signal shows as the status 128 plus its number. */
  readonly signal: string | null;
  /** Why it could not be run. */
  readonly error: string | null;
}

/** A running command. */
export interface Started {
  /** Its process on this machine, which leads a process group; null: an engine runs the command. */
  readonly process: ProcessId | null;
  /** Resolves when the command itself has ended, even if it left processes in the background. Never rejects. */
  readonly ended: Promise<CommandEnd>;
  /** Stops listening. The command goes on, and can go on writing. */
  leave(): void;
}

export interface CommandTarget {
  /** The container's id, or the namespace's name. */
  readonly id: string;
  /** The value of COMMAND_VARIABLE. */
  readonly mark: string;
}

/** Runs programs in nodes: an engine does so in containers, netns-exec.ts in namespaces. Never throws and never waits. */
export interface Runner {
  start(target: CommandTarget, argv: readonly string[], onOutput: OnOutput): Started;
}

/** The arguments to run: a string is passed to the node's shell, a list is the program and its arguments. */
export function argvOf(command: CommandSpec['command']): readonly string[] {
  return typeof command === 'string' ? ['sh', '-c', command] : command;
}

/** Runs commands in containers. They go on after `leave`, since engines have no way to end them. */
export function engineRunner(engine: Pick<ContainerEngine, 'exec'>): Runner {
  return {
    start({ id }, argv, onOutput) {
      const left = new AbortController();
      const run = async (): Promise<CommandEnd> => {
        try {
          const status = await engine.exec(id, argv, { onOutput, signal: left.signal });
          return { status, signal: null, error: null };
        } catch (error) {
          if (left.signal.aborted) return { status: null, signal: null, error: null };
          return { status: null, signal: null, error: error instanceof Error ? error.message : String(error) };
        }
      };
      return { process: null, ended: run(), leave: () => left.abort() };
    },
  };
}
