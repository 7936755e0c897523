/** Files of this machine are not on the hosts: what `copy:` names by a relative path goes with the record. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { sourcesOf, withSources } from '../../cluster/node-files.ts';
import type { LabRecord, NodeFile, NodeFiles } from '../../cluster/record.ts';
import type { Config } from '../../config/config.ts';
import { spanOf } from '../../config/config.ts';
import { LinkloomError } from '../../errors.ts';

/** The most that a file may have, and all files of one folder together: 16 such. */
const FILE_MAX_BYTES = 64 * 1024;
const FILES_MAX = 256;
const PERMISSIONS = 0o777;

type Local = Pick<Config, 'nodes' | 'besides'>;

/**
 * A plain configuration whose sources beside it are relative, and the files that these name. Throws E_CONFIG for a bind of such a file,
 * for a file that is missing or no regular one, and for one that is too large.
 */
export async function withLocalFiles(
  config: LabRecord['config'],
  local: Local,
): Promise<Pick<LabRecord, 'config' | 'files'>> {
  refuseBinds(local);
  const keys = keysOf(local.besides);
  const files = new Map<string, NodeFiles>();
  for (const [name, entry] of local.nodes) {
    for (const [at, source] of sourcesOf({ nodes: { [name]: entry.value } }, name).entries()) {
      const key = keys.get(source);
      if (key === undefined || files.has(key)) continue;
      const refuse = (message: string, hint: string): LinkloomError => {
        const where = spanOf(entry, 'copy', at);
        return new LinkloomError('E_CONFIG', `node ${name}: ${message}; nothing is written`, {
          ...(where && { where }),
          hint,
        });
      };
      files.set(key, await filesIn(source, refuse));
    }
  }
  const relative = withSources(config, (source) => keys.get(source) ?? source);
  return files.size === 0 ? { config: relative } : { config: relative, files: Object.fromEntries(files) };
}

function refuseBinds({ nodes, besides }: Local): void {
  for (const [name, entry] of nodes) {
    for (const [at, bind] of (entry.value.binds ?? []).entries()) {
      const written = besides.get(bind.split(':')[0] ?? '');
      if (written === undefined) continue;
      const message = `node ${name}: ${written} lies beside the configuration, and hosts do not have it; nothing is written`;
      const where = spanOf(entry, 'binds', at);
      const hint = 'give it to the node by `copy:`, or put it on each host and name it by its absolute path';
      throw new LinkloomError('E_CONFIG', message, { ...(where && { where }), hint });
    }
  }
}

/** By absolute path, how the record calls it. Two files of the same relative path, beside two files of the lab, differ by a number. */
function keysOf(besides: Local['besides']): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const taken = new Set<string>();
  for (const [path, written] of besides) {
    const plain = normalize(written);
    let key = plain;
    for (let nth = 2; taken.has(key); nth++) key = `${plain}~${nth}`;
    taken.add(key);
    keys.set(path, key);
  }
  return keys;
}

type Refuse = (message: string, hint: string) => LinkloomError;

async function filesIn(root: string, refuse: Refuse): Promise<NodeFiles> {
  const found: NodeFile[] = [];
  const read = async (path: string): Promise<void> => {
    const full = join(root, path);
    const stats = await stat(full).catch((error: NodeJS.ErrnoException) => {
      throw refuse(`${full} can't be read: ${error.code}`, 'correct the path, or put the file there');
    });
    const mode = stats.mode & PERMISSIONS;
    const [hint, most] = ['put it on each host, and name it by its absolute path', `${FILE_MAX_BYTES / 1024} KiB`];
    if (found.length >= FILES_MAX) throw refuse(`${root} has more than ${FILES_MAX} files`, hint);
    if (stats.isDirectory()) {
      found.push({ path, mode, data: null });
      for (const name of (await readdir(full)).sort()) await read(join(path, name));
      return;
    }
    if (!stats.isFile()) throw refuse(`${full} is neither a file nor a folder`, hint);
    if (stats.size > FILE_MAX_BYTES) throw refuse(`${full} has more than ${most}, which go with a lab`, hint);
    found.push({ path, mode, data: (await readFile(full)).toString('base64') });
  };
  await read('');
  return found;
}
