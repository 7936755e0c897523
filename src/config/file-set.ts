import { realpathSync, statSync } from 'node:fs';
import { sha256Hex } from '../net/digest.ts';
import type { FileRef } from './discover.ts';

/** Hexadecimal digits of the hash: enough to tell lists of files apart. */
const DIGITS = 16;

/**
 * Identifies the files of a configuration, whatever their content: a hash of their real paths in order. Standard input, and
 * everything that is no regular file, counts as `-`.
 */
export function fileSetOf(refs: readonly FileRef[]): string {
  return sha256Hex(refs.map(pathOf).join('\0')).slice(0, DIGITS);
}

function pathOf({ name, path }: FileRef): string {
  if (name === '-') return name;
  try {
    return statSync(path).isFile() ? realpathSync.native(path) : '-';
  } catch {
    return '-';
  }
}
