/** What `down` removes of nodes beside their links: programs before the links, containers and files after them. It needs no configuration. */
import { rmdirSync, rmSync } from 'node:fs';
import { unnameContainers } from '../../engine/container-names.ts';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit, Failure } from '../../events.ts';
import { labDirectory } from '../../net/run-directory.ts';
import type { ContainerEngine } from '../../runtime/engine.ts';
import { Limiter } from '../../runtime/nodes/limiter.ts';
import { openNodeRuntime } from '../../runtime/nodes/open.ts';
import { endPrograms } from '../../supervisor/client.ts';
import { removeHosts, sharedHostsPath } from './hosts.ts';

/** How many containers are removed at a time. dockerd takes 50 ms for each, however many at a time (20.10 on two processors, measured). */
const AT_ONCE = 8;

/** Ends the programs. Call it before the links are removed, since a program may need them until its end. */
export async function endNodes(lab: string): Promise<void> {
  await endPrograms(lab);
}

/** Removes the lab's containers (by their labels, on these engines), their names in /run/netns, and the lab's files. Call it after the links are removed. */
export async function removeNodes(
  workers: Workers,
  lab: string,
  engines: readonly ContainerEngine[],
  emit: Emit,
): Promise<{ readonly removed: number; readonly failures: readonly Failure[] }> {
  const taken = await Promise.all(engines.map((engine) => removeContainers(engine, lab)));
  const failures = taken.flatMap((one) => one.failures);
  for (const failure of failures) emit({ type: 'failure', failure });
  await unnameContainers(workers, lab, 'all', emit);
  removeHosts(lab, 'all');
  rmSync(sharedHostsPath(lab), { force: true });
  try {
    rmdirSync(labDirectory(lab));
  } catch {
    // The directory holds other files, or is gone.
  }
  return { removed: taken.reduce((sum, one) => sum + one.removed, 0), failures };
}

async function removeContainers(engine: ContainerEngine, lab: string): ReturnType<typeof removeNodes> {
  const runtime = await openNodeRuntime(engine);
  const limiter = new Limiter(AT_ONCE);
  const failures: Failure[] = [];
  const remove = async (id: string, name: string): Promise<void> => {
    try {
      await runtime.remove(id);
    } catch (error) {
      if (!(error instanceof LinkloomError)) throw error;
      const { code, message, hint } = error;
      failures.push({ subject: { kind: 'node', name }, code, message, ...(hint !== undefined && { hint }) });
    }
  };
  const containers = await runtime.list(lab);
  await Promise.all(containers.map(({ id, node }) => limiter.run(() => remove(id, node))));
  return { removed: containers.length - failures.length, failures };
}
