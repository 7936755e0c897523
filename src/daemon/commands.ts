/** When the commands of containers are begun. */
import type { Emit } from '../events.ts';
import type { CommandRuns } from '../lab/commands/runs.ts';
import { engineRunner } from '../runtime/command.ts';
import type { Reconciler } from './reconciler.ts';
import type { Entry, Registry } from './registry.ts';

/** No process id: the commands of a container wait until it is unpaused, which was said. */
const WAITS_PAUSED = 0;

interface CommandDesk {
  readonly reconciler: Pick<Reconciler, 'commandsOf'>;
  readonly registry: Registry;
  readonly runs: CommandRuns;
  /** The process id of a container for which its commands were begun: once per start. */
  readonly startedFor: Map<string, number>;
  readonly emit: Emit;
}

/** Once for each start of a container; when it is unpaused, those that could not be run since it was paused. */
export function startCommands(
  { reconciler, registry, runs, startedFor, emit }: CommandDesk,
  { container, engine }: Entry,
): void {
  const { id, name, pid, isPaused } = container;
  const node = { kind: 'container', id, name } as const;
  const commands = reconciler.commandsOf(container);
  const before = startedFor.get(id);
  if (isPaused && commands.length > 0 && before !== pid) {
    if (before === WAITS_PAUSED) return;
    startedFor.set(id, WAITS_PAUSED);
    const message = `container ${name} is paused: its links are made, its commands run once it is unpaused`;
    return emit({ type: 'notice', message });
  }
  if (isPaused) return;
  const isResumed = registry.takeResumed(id);
  if (before === pid) {
    if (isResumed) runs.startMissed(node, engineRunner(engine), commands);
    return;
  }
  startedFor.set(id, pid);
  runs.start(node, engineRunner(engine), commands);
}
