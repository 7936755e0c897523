/** The commands of containers: once per start of a container, in parallel, for as long as they take. */
import type { Emit } from '../events.ts';
import { runCommand } from '../runtime/command.ts';
import type { ContainerEngine } from '../runtime/engine.ts';
import type { CommandSpec, Container } from '../topology/topology.ts';

export class CommandRuns {
  /** The process id for which a container's commands were started. */
  readonly #startedFor = new Map<string, number>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #emit: Emit;
  readonly #signal: AbortSignal;

  constructor(emit: Emit, signal: AbortSignal) {
    this.#emit = emit;
    this.#signal = signal;
  }

  /** Starts the commands unless they were for this start of the container. Does not wait for them. */
  start(engine: ContainerEngine, container: Container, commands: readonly CommandSpec[]): void {
    if (commands.length === 0 || this.#startedFor.get(container.id) === container.pid) return;
    this.#startedFor.set(container.id, container.pid);
    for (const { command } of commands) {
      const running = runCommand(engine, container, command, this.#emit, this.#signal);
      this.#running.add(running);
      void running.finally(() => this.#running.delete(running));
    }
  }

  /** Resolves when none is listened to any more; after the signal that is at once. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }
}
