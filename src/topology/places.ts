/** Network namespaces by the names that people have for them. */
import { HOST_NS, type NsId, netnsNameOf, OWN_NS, parseNsId, pidOf } from '../net/ns-id.ts';
import type { Node } from './topology.ts';

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
  if (ns === HOST_NS) return "the host's namespace";
  const pid = pidOf(ns);
  return pid === null ? ns : `process ${pid}`;
}

/** The same for sentences. */
export function spokenPlace(ns: NsId, container: string | null = null): string {
  if (ns === OWN_NS) return 'linkloom’s own namespace';
  const name = netnsNameOf(ns);
  return name === null ? placeName(ns, container) : `namespace ${name}`;
}

/** `spokenPlace` for the namespaces of these nodes. Nothing is done until the first is asked for. */
export function spokenPlaces(nodes: readonly Node[]): PlaceName {
  let names: PlaceName | null = null;
  return (ns) => {
    if (pidOf(ns) === null) return spokenPlace(ns);
    names ??= placeNames(nodes);
    return names(ns);
  };
}

/** The last word of a text, if it comes after `in` or is all there is. */
const LAST_WORD = /(?:^|(?<= in ))\S+$/;

/** What a worker says, which knows namespaces only by how they are reached: in the last word of the text. */
export function inWords(text: string, place: PlaceName): string {
  return text.replace(LAST_WORD, (word, at: number) => {
    const ns = parseNsId(word);
    // Alone, that word can be a device's name.
    const isAnother = ns === OWN_NS && at === 0;
    return ns === null || isAnother ? word : place(ns);
  });
}
