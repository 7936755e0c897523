/** Network namespaces by the names that people have for them. */
import type { Node, NsId } from '../topology/topology.ts';

export type PlaceName = (ns: NsId) => string;

/** `netns/NAME` says all; a process is the container of which it is, where `nodes` have that. */
export function placeNames(nodes: readonly Node[]): PlaceName {
  const containers = new Map<NsId, string>();
  for (const { kind, ns, name } of nodes) if (kind === 'container' && !containers.has(ns)) containers.set(ns, name);
  return (ns) => placeName(ns, containers.get(ns) ?? null);
}

/** `self` is the namespace linkloom was started in. `container`: the name of the container that the namespace is of; null: of none that is known. */
export function placeName(ns: NsId, container: string | null): string {
  if (container !== null) return `container ${container}`;
  if (ns === 'pid/1') return "the host's namespace";
  return ns.startsWith('pid/') ? `process ${ns.slice('pid/'.length)}` : ns;
}
