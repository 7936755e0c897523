/** Decides when the commands of a container are started. */
import type { Emit } from '../events.ts';
import type { CommandRuns } from '../lab/commands/runs.ts';
import { processNs } from '../net/ns-id.ts';
import { engineRunner } from '../runtime/command.ts';
import type { Reconciler } from './reconciler.ts';
import type { Entry, Registry } from './registry.ts';

/** Stands in place of a process id: the commands wait until the container is unpaused, and a message has said so. */
const WAITS_PAUSED = 0;

/** What `startCommands` needs. */
interface CommandStarts {
  readonly reconciler: Pick<Reconciler, 'commandsOf'>;
  readonly registry: Registry;
  readonly runs: CommandRuns;
  /** By container id: the process id for which its commands were started. So they run once per start of the container. */
  readonly startedFor: Map<string, number>;
  readonly emit: Emit;
}

/**
 * Starts a container's commands once per start of the container. When a container is unpaused, it starts those that could not run
 * while the container was paused. `again`: what still runs is ended and begun anew.
 */
export function startCommands(
  { reconciler, registry, runs, startedFor, emit }: CommandStarts,
  { container, engine }: Entry,
  again = false,
): void {
  const { id, name, pid, isPaused } = container;
  const node = { kind: 'container', id, name: container.entry?.node ?? name, ns: processNs(pid) } as const;
  const commands = reconciler.commandsOf(container);
  const before = startedFor.get(id);
  if (isPaused && commands.length > 0 && before !== pid) {
    if (before === WAITS_PAUSED) return;
    startedFor.set(id, WAITS_PAUSED);
    return emit({ type: 'commandsPaused', container: name });
  }
  if (isPaused) return;
  const isResumed = registry.takeResumed(id);
  if (before === pid) {
    if (isResumed) runs.startMissed(node, engineRunner(engine), commands);
    return;
  }
  startedFor.set(id, pid);
  runs.start(node, engineRunner(engine), commands, again);
}
