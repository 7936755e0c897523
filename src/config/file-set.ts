import { realpath, stat } from 'node:fs/promises';
import { sha256Hex } from '../net/digest.ts';
import type { FileRef } from './discover.ts';

/** As many digits of the hash as tell lists apart. */
const DIGITS = 16;

/**
 * Which files a configuration is of, whatever is in them: a hash of their real paths in order. Standard input, and what is
 * no regular file, is the same for all.
 */
export async function fileSetOf(refs: readonly FileRef[]): Promise<string> {
  const paths = await Promise.all(refs.map(pathOf));
  return sha256Hex(paths.join('\0')).slice(0, DIGITS);
}

async function pathOf({ name, path }: FileRef): Promise<string> {
  if (name === '-') return name;
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  return isFile ? await realpath(path) : '-';
}
