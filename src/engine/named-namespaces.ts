/** Lists the named network namespaces of this machine. */
import { readdirSync } from 'node:fs';
import { LinkloomError } from '../errors.ts';
import { NETNS_DIRECTORY } from '../net/ns-id.ts';

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
