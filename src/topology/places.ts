/** Network namespaces by the names that people have for them. */
import type { Node, NsId } from './topology.ts';

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

/** The same for sentences. */
export function spokenPlace(ns: NsId, container: string | null = null): string {
  if (ns === 'self') return 'linkloom’s own namespace';
  return ns.startsWith('netns/') ? `namespace ${ns.slice('netns/'.length)}` : placeName(ns, container);
}

/** `spokenPlace` for the namespaces of these nodes. Nothing is done until the first is asked for. */
export function spokenPlaces(nodes: readonly Node[]): PlaceName {
  let names: PlaceName | null = null;
  return (ns) => {
    if (!ns.startsWith('pid/')) return spokenPlace(ns);
    names ??= placeNames(nodes);
    return names(ns);
  };
}

/** `in NAMESPACE` at the end of what a worker says, or nothing but the namespace or its path in /proc. */
const PLACE = /(?:^|(?<= in ))(?:netns\/\S+|pid\/\d+|\/proc\/\d+\/ns\/net)$|(?<= in )self$/;

/** What a worker says, which knows namespaces only by how they are reached. */
export function inWords(text: string, place: PlaceName): string {
  return text.replace(PLACE, (found) => place(found.replace(/^\/proc\/(\d+)\/ns\/net$/, 'pid/$1') as NsId));
}
