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

/** A name that has another's file. */
export interface TakenHosts {
  readonly path: string;
}

/** For all: who is not root in a container reads it, too. */
const MODE = 0o644;

/** In the lab's own directory, where nobody else writes. Throws what the file system says. */
export function writeSharedHosts(path: string, text: string): void {
  writeInPlace(path, text);
}

/**
 * For a namespace. null: it is written; else somebody else's file has the name, and stays. `mark` is the first line of ours. Throws what
 * the file system says.
 */
export function writeNetnsHosts(name: string, text: string, mark: string): TakenHosts | null {
  const path = hostsPathOf(name);
  if (!isOursOrNone(path, mark)) return { path };
  mkdirSync(`${NETNS_ETC}/${name}`, { recursive: true, mode: 0o755 });
  writeInPlace(path, text);
  return null;
}

/** Takes away what begins with `mark`, and the folder if it is empty then. Gone already is no failure. */
export function removeNetnsHosts(name: string, mark: string): void {
  const path = hostsPathOf(name);
  const first = firstLineOf(path);
  if (first !== mark) return;
  unlinkSync(path);
  for (const folder of [`${NETNS_ETC}/${name}`, NETNS_ETC]) {
    try {
      rmdirSync(folder);
    } catch {
      // Something else is in it.
      return;
    }
  }
}

function hostsPathOf(name: string): string {
  return `${NETNS_ETC}/${name}/hosts`;
}

function isOursOrNone(path: string, mark: string): boolean {
  const first = firstLineOf(path);
  return first === null || first === mark;
}

/** null: there is no such file. Something that is no file has an empty one. */
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

/** What reads meanwhile sees the old lines or the new ones, never none. */
function writeInPlace(path: string, text: string): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, MODE);
  try {
    ftruncateSync(fd, writeSync(fd, text, 0));
  } finally {
    closeSync(fd);
  }
}
