/** Names of network namespaces for people. */
import { HOST_NS, type NsId, netnsNameOf, OWN_NS, parseNsId, pidOf } from '../net/ns-id.ts';
import type { Node } from './topology.ts';

const HOST_PLACE = "the host's namespace";

export type PlaceName = (ns: NsId) => string;

/**
 * Returns the function that names namespaces. `netns/NAME` is used as it is. A process's namespace is named after its
 * container, if `nodes` has the container.
 */
export function placeNames(nodes: readonly Node[]): PlaceName {
  const containers = new Map<NsId, string>();
  for (const { kind, ns, name } of nodes) if (kind === 'container' && !containers.has(ns)) containers.set(ns, name);
  const host = nodes.find(({ kind }) => kind === 'host')?.ns;
  return (ns) => (ns === host ? HOST_PLACE : placeName(ns, containers.get(ns) ?? null));
}

/**
 * Names one namespace. `self` is the namespace that linkloom was started in. `container`: the name of the namespace's
 * container. null: no container is known.
 */
export function placeName(ns: NsId, container: string | null): string {
  if (container !== null) return `container ${container}`;
  if (ns === HOST_NS) return HOST_PLACE;
  const pid = pidOf(ns);
  return pid === null ? ns : `process ${pid}`;
}

/** The same name as it is used in sentences. */
export function spokenPlace(ns: NsId, container: string | null = null): string {
  if (ns === OWN_NS) return 'linkloom’s own namespace';
  const name = netnsNameOf(ns);
  return name === null ? placeName(ns, container) : `namespace ${name}`;
}

/** `spokenPlace` for the namespaces of these nodes. The nodes are indexed when the first name is asked for. */
export function spokenPlaces(nodes: readonly Node[]): PlaceName {
  let names: PlaceName | null = null;
  return (ns) => {
    if (pidOf(ns) === null) return spokenPlace(ns);
    names ??= placeNames(nodes);
    return names(ns);
  };
}

/** Matches the last word of a text, if it follows `in` or is the whole text. */
const LAST_WORD = /(?:^|(?<= in ))\S+$/;

/**
 * Replaces the namespace in a worker's text by its name for people. Workers know namespaces only by how they are
 * reached, and put them in the last word.
 */
export function inWords(text: string, place: PlaceName): string {
  return text.replace(LAST_WORD, (word, at: number) => {
    const ns = parseNsId(word);
    // A text of one word can be a device's name.
    const isAnother = ns === OWN_NS && at === 0;
    return ns === null || isAnother ? word : place(ns);
  });
}
