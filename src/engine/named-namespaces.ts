/** Lists the named network namespaces of this machine. */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { LinkloomError } from '../errors.ts';
import { SWITCH_PREFIX } from '../net/ifname.ts';
import { NETNS_DIRECTORY, netnsPath } from '../net/ns-id.ts';

/** The names in /run/netns; none if there is no such directory. Throws E_KERNEL if the directory can't be read. */
export function namedNamespaces(): readonly string[] {
  try {
    return readdirSync(NETNS_DIRECTORY);
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new LinkloomError('E_KERNEL', `cannot read ${NETNS_DIRECTORY}: ${code || message}`, { cause });
  }
}

/**
 * Removes what a linkloom that was killed has left of a lab's own names: the empty files on which a namespace was to be mounted, or was
 * mounted. They are in the file system of the directory itself, which a namespace is not. Needs the lab's lock.
 */
export function removeBareNames(lab: string): void {
  const own = [`${SWITCH_PREFIX}${lab}`, `${SWITCH_PREFIX}${lab}.`, `${lab}.`];
  const device = lstatSync(NETNS_DIRECTORY, { throwIfNoEntry: false })?.dev;
  for (const name of namedNamespaces()) {
    if (name !== own[0] && !own.slice(1).some((beginning) => name.startsWith(beginning))) continue;
    const stat = lstatSync(netnsPath(name), { throwIfNoEntry: false });
    if (stat?.isFile() && stat.size === 0 && stat.dev === device) rmSync(netnsPath(name), { force: true });
  }
}
