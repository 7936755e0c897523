/** Identifies network namespaces. Only this file knows how such an id is written. */

/** A namespace that has a name: `/run/netns/NAME`. */
export type NamedNs = `netns/${string}`;

/** The namespace that a process is in: `/proc/PID/ns/net`. */
export type ProcessNs = `pid/${number}`;

/**
 * A network namespace, identified by how it is reached: by its name, by a process in it, or `self`, in which linkloom was started.
 * It is a string, so it can be a map key and is cheap to send to a worker. A name has no `/`, so the forms can't be confused.
 */
export type NsId = NamedNs | ProcessNs | typeof OWN_NS;

/** The namespace that linkloom was started in. */
export const OWN_NS = 'self';

/** The host's namespace, for a container that shares the host's process ids. */
export const HOST_NS: ProcessNs = 'pid/1';

/** Where named namespaces are kept, by iproute2's convention (ip-netns(8)). */
export const NETNS_DIRECTORY = '/run/netns';

/** What the name of a namespace must match. So it is never an option of `ip netns`, and never a path. */
export const NETNS_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/;

const NAMED = 'netns/';
const PROCESS = 'pid/';
const PROCESS_PATH = /^\/proc\/(\d+)\/ns\/net$/;

export function namedNs(name: string): NamedNs {
  return `${NAMED}${name}` as NamedNs;
}

export function processNs(pid: number): ProcessNs {
  return `${PROCESS}${pid}` as ProcessNs;
}

export function isNamed(ns: NsId): ns is NamedNs {
  return ns.startsWith(NAMED);
}

/** The name of a namespace; null if it is reached in another way. */
export function netnsNameOf(ns: NamedNs): string;
export function netnsNameOf(ns: NsId): string | null;
export function netnsNameOf(ns: NsId): string | null {
  return isNamed(ns) ? ns.slice(NAMED.length) : null;
}

/** The process by which a namespace is reached; null if it is reached in another way. */
export function pidOf(ns: ProcessNs): number;
export function pidOf(ns: NsId): number | null;
export function pidOf(ns: NsId): number | null {
  return ns.startsWith(PROCESS) ? Number(ns.slice(PROCESS.length)) : null;
}

/** The file on which a named namespace is mounted. */
export function netnsPath(name: string): string {
  return `${NETNS_DIRECTORY}/${name}`;
}

/** Whether a path is that of a named namespace. */
export function isNetnsPath(path: string): boolean {
  return path.startsWith(`${NETNS_DIRECTORY}/`);
}

/** The file through which a namespace, other than the caller's own, is entered. */
export function nsPath(ns: NamedNs | ProcessNs): string {
  return isNamed(ns) ? netnsPath(netnsNameOf(ns)) : `/proc/${pidOf(ns)}/ns/net`;
}

/** The namespace of an id, or of a path `/proc/PID/ns/net`; null if the word is neither. */
export function parseNsId(word: string): NsId | null {
  const pid = PROCESS_PATH.exec(word)?.[1];
  if (pid !== undefined) return processNs(Number(pid));
  return word === OWN_NS || /^(netns\/[^/\s]+|pid\/\d+)$/.test(word) ? (word as NsId) : null;
}
