/**
 * The files of hosts(5) of a lab: one that is `/etc/hosts` in all of its containers, and `/etc/netns/NAME/hosts` for each of its
 * namespaces, which `ip netns exec` puts over `/etc/hosts` (ip-netns(8)).
 *
 * Containers have theirs as a bind mount of a file in `/run/linkloom/LAB`. The engine writes its own `/etc/hosts` anew at each start,
 * so what is written into that is lost with a restart; a file that is mounted stays. It is written in place, never replaced, as a mount
 * is of the file and not of its name: programs that run see what changes, in namespaces too.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

const NETNS_ETC = '/etc/netns';

/** A hosts file that linkloom did not write, and therefore leaves alone. */
export interface TakenHosts {
  readonly path: string;
}

/** Readable by all, since programs in containers that are not root read it too. */
const MODE = 0o644;

/** Writes the hosts file of a lab's containers, in the lab's own directory, where nobody else writes. Throws the file system's errors. */
export function writeSharedHosts(path: string, text: string): void {
  writeInPlace(path, text);
}

/**
 * Writes the hosts file of a namespace. Returns null if it is written, or the file of somebody else that has its name and stays. `mark`
 * is the first line of linkloom's files. Throws the file system's errors.
 */
export function writeNetnsHosts(name: string, text: string, mark: string): TakenHosts | null {
  const path = hostsPathOf(name);
  if (!isOursOrNone(path, mark)) return { path };
  mkdirSync(`${NETNS_ETC}/${name}`, { recursive: true, mode: 0o755 });
  writeInPlace(path, text);
  return null;
}

/**
 * Removes a namespace's hosts file if its first line is `mark`, and its folder if that is empty then. Does nothing if it is gone already.
 * `/etc/netns` itself stays: another container or mount namespace can have it mounted, and would be left with a folder that is no more.
 */
export function removeNetnsHosts(name: string, mark: string): void {
  const path = hostsPathOf(name);
  const first = firstLineOf(path);
  if (first !== mark) return;
  unlinkSync(path);
  try {
    rmdirSync(`${NETNS_ETC}/${name}`);
  } catch {
    // Something else is in it.
  }
}

function hostsPathOf(name: string): string {
  return `${NETNS_ETC}/${name}/hosts`;
}

function isOursOrNone(path: string, mark: string): boolean {
  const first = firstLineOf(path);
  return first === null || first === mark;
}

/** The first line of a file; null: there is no such file; empty: it is no regular file, or can't be read. */
function firstLineOf(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : '';
  }
  try {
    if (!fstatSync(fd).isFile()) return '';
    const bytes = Buffer.alloc(256);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0)).split('\n')[0] ?? '';
  } finally {
    closeSync(fd);
  }
}

/** Overwrites the file before it truncates it, so that whoever reads it meanwhile never sees an empty file. */
function writeInPlace(path: string, text: string): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, MODE);
  try {
    ftruncateSync(fd, writeSync(fd, text, 0));
  } finally {
    closeSync(fd);
  }
}
