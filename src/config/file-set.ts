import { realpath, stat } from 'node:fs/promises';
import { sha256Hex } from '../net/digest.ts';
import type { FileRef } from './discover.ts';

/** Hexadecimal digits of the hash: enough to tell lists of files apart. */
const DIGITS = 16;

/**
 * Identifies the files of a configuration, whatever their content: a hash of their real paths in order. Standard input, and
 * everything that is no regular file, counts as `-`.
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
