/** Chooses the namespaces in which the monitor listens, and finds the containers that a change concerns. */

import { markOf } from '../../net/mark.ts';
import { type NsId, pidOf } from '../../net/ns-id.ts';
import type { Container, Node } from '../../topology/topology.ts';
import type { Heard, HeardNs } from '../../wire/monitor.ts';

/** The namespaces of nodes and of the switch side (`self` for our own), each once. */
export function namespacesToHear(nodes: readonly NsId[], switchSide: readonly NsId[]): readonly HeardNs[] {
  const roles = new Map<NsId, HeardNs['role']>();
  for (const ns of switchSide) roles.set(ns, 'switch');
  for (const ns of nodes) roles.set(ns, 'node');
  return [...roles].map(([ns, role]) => ({ ns, role }));
}

/** The ids of the containers to reconcile after these changes, or `all`. A change in a container that has ended concerns none. */
export function concernOf(
  changes: readonly Heard[],
  containers: readonly Container[],
  netns: readonly Node[],
  switchSide: readonly NsId[],
): 'all' | ReadonlySet<string> {
  const byPid = new Map(containers.map(({ id, pid }) => [pid, id]));
  const byName = new Map(containers.map(({ id, name }) => [name, id]));
  const namespaces = new Set(netns.map(({ name }) => name));
  const ids = new Set<string>();
  for (const { ns, alias } of changes) {
    const pid = pidOf(ns);
    if (pid !== null) {
      const id = byPid.get(pid);
      if (id !== undefined) ids.add(id);
      continue;
    }
    const node = switchSide.includes(ns) ? (markOf(alias ?? '')?.node ?? null) : null;
    if (node === null || node.startsWith('#')) return 'all';
    const id = byName.get(node);
    if (id !== undefined) ids.add(id);
    // The port of a container that has ended concerns none.
    else if (namespaces.has(node)) return 'all';
  }
  return ids;
}
