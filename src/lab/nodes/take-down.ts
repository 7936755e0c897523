/** What `down` takes away of nodes beside their links: programs before, containers and files after. Known by marks and labels alone. */
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

/** dockerd takes 50 ms for each, and no less of them at once (20.10 on two processors, measured). */
const AT_ONCE = 8;

/** Before the links go: a program would miss them. */
export async function endNodes(lab: string): Promise<void> {
  await endPrograms(lab);
}

/** After the links: containers by their labels, of all engines that answer, their names, and the lab's files. */
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
    // Something else is in it, or it is gone.
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
