/** Chooses the namespaces in which the monitor listens, and finds the containers that a change concerns. */

import { markOf } from '../../net/mark.ts';
import { type NsId, pidOf } from '../../net/ns-id.ts';
import type { Container, Node } from '../../topology/topology.ts';
import type { Heard, HeardNs } from '../../wire/monitor.ts';

/** The namespaces of nodes and of the switch side (`self` for our own), each once. `bridgesOf`: the bridges of others there. */
export function namespacesToHear(
  nodes: readonly NsId[],
  switchSide: readonly NsId[],
  bridgesOf: (ns: NsId) => readonly string[] = () => [],
): readonly HeardNs[] {
  const roles = new Map<NsId, HeardNs['role']>();
  for (const ns of switchSide) roles.set(ns, 'switch');
  for (const ns of nodes) roles.set(ns, 'node');
  return [...roles].map(([ns, role]) => {
    const devices = bridgesOf(ns);
    return { ns, role, ...(devices.length > 0 && { devices }) };
  });
}

/** The ids of the containers to reconcile after these changes, or `all`. A change in a container that has ended concerns none. */
export function concernOf(
  changes: readonly Heard[],
  containers: readonly Container[],
  others: readonly Node[],
  switchSide: readonly NsId[],
): 'all' | ReadonlySet<string> {
  const byPid = new Map(containers.map(({ id, pid }) => [pid, id]));
  const byName = new Map(containers.map(({ id, name }) => [name, id]));
  const names = new Set(others.map(({ name }) => name));
  const namespaces = new Set(others.map(({ ns }) => ns));
  /** undefined: it concerns nobody. */
  const concernOfOne = ({ ns, alias }: Heard): string | 'all' | undefined => {
    const isSwitch = switchSide.includes(ns);
    // Namespaces that no container has, the host's among them.
    if (namespaces.has(ns)) return 'all';
    const pid = isSwitch ? null : pidOf(ns);
    if (pid !== null) return byPid.get(pid);
    const node = isSwitch ? (markOf(alias ?? '')?.node ?? null) : null;
    if (node === null || node.startsWith('#')) return 'all';
    // A port of a container that has ended concerns none.
    return byName.get(node) ?? (names.has(node) ? 'all' : undefined);
  };
  const ids = new Set<string>();
  for (const change of changes) {
    const id = concernOfOne(change);
    if (id === 'all') return id;
    if (id !== undefined) ids.add(id);
  }
  return ids;
}
