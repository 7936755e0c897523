/** Finds the containers that network namespaces belong to. */
import { statSync } from 'node:fs';
import { nsPath, pidOf, processNs } from '../../net/ns-id.ts';
import type { ContainerEngine } from '../../runtime/engine.ts';
import type { Node } from '../../topology/topology.ts';
import type { NsDump } from '../../wire/seen.ts';

/**
 * The names of the running containers, by the inode of their network namespace. If several share one, the name is the first one's. An
 * engine that does not answer is left out.
 */
export async function containersByNamespace(engines: readonly ContainerEngine[]): Promise<ReadonlyMap<number, string>> {
  const names = new Map<number, string>();
  for (const engine of engines) {
    for (const { pid, name } of await engine.list().catch(() => [])) {
      const inode = inodeOf(pid);
      if (inode !== null && !names.has(inode)) names.set(inode, name);
    }
  }
  return names;
}

/** The containers that the dumped namespaces of processes belong to. No engine is asked if there are no such namespaces. */
export async function containersIn(
  dumps: readonly NsDump[],
  engines: readonly ContainerEngine[],
): Promise<readonly Node[]> {
  const unnamed = dumps.flatMap(({ ns, inode }) => {
    const pid = pidOf(ns);
    return pid === null || inode === null ? [] : [{ ns: processNs(pid), inode }];
  });
  if (unnamed.length === 0) return [];
  const names = await containersByNamespace(engines);
  return unnamed.flatMap(({ ns, inode }): readonly Node[] => {
    const name = names.get(inode);
    return name === undefined ? [] : [{ kind: 'container', name, ns, id: '', service: null, index: 1 }];
  });
}

/** The inode of a process's network namespace; null if the process has ended. */
export function inodeOf(pid: number): number | null {
  try {
    return statSync(nsPath(processNs(pid))).ino;
  } catch {
    return null;
  }
}
