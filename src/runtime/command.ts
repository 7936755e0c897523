/** A configured command in a node: begun, listened to, and left; never waited for here. */
import type { CommandSpec } from '../topology/topology.ts';
import type { ContainerEngine, OnOutput } from './engine.ts';
import type { ProcessId } from './process.ts';

/** How a command ended. All null: nobody saw. */
export interface CommandEnd {
  /** Exit status; null: a signal ended it, or it could not be run. */
  readonly status: number | null;
  /** `SIGKILL`; a signal in a container comes as status 128 and its number. */
  readonly signal: string | null;
  /** Why it could not be run. */
  readonly error: string | null;
}

/** A command under way. */
export interface Started {
  /** Its process on this machine, which leads a group of its own; null: it is the engine's. */
  readonly process: ProcessId | null;
  /** Resolves when the command itself has ended, whatever it has left in the background. Never rejects. */
  readonly ended: Promise<CommandEnd>;
  /** Stop listening. What runs goes on, and can go on writing. */
  leave(): void;
}

export interface CommandTarget {
  /** The container's id, or the namespace's name. */
  readonly id: string;
  /** For COMMAND_VARIABLE. */
  readonly mark: string;
}

/** Whatever can run a program in a node: an engine, or (netns-exec.ts) the machine itself. Neither throws nor waits. */
export interface Runner {
  start(target: CommandTarget, argv: readonly string[], onOutput: OnOutput): Started;
}

/** A string goes to the node's shell, a list is the program and its arguments. */
export function argvOf(command: CommandSpec['command']): readonly string[] {
  return typeof command === 'string' ? ['sh', '-c', command] : command;
}

/** Runs commands in containers. Left, they go on: engines have no way to end them. */
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
