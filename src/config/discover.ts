/** Finds the files to read. */
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LinkloomError } from '../errors.ts';
import type { Kind } from './extract.ts';
import type { Lookup } from './text/interpolate.ts';

/** A file to read. */
export interface FileRef {
  /** As the user named it. */
  readonly name: string;
  /** Absolute; for standard input the working directory and `-`. */
  readonly path: string;
  /** null if the file's content tells its kind. */
  readonly kind: Kind | null;
}

/** compose's file names, in the order in which compose prefers them. */
const COMPOSE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDE_NAMES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

/** The values of an option that takes `:`-separated lists. */
export function listed(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(':')).filter((value) => value !== '');
}

/**
 * Finds compose's files if the user has named none: those of `COMPOSE_FILE`, else the first of compose's file names in `cwd` or the
 * nearest folder above it that has one, with its override file.
 *
 * @throws LinkloomError E_USAGE if there is none
 */
export async function discover(cwd: string, lookup: Lookup): Promise<readonly FileRef[]> {
  const named = lookup('COMPOSE_FILE');
  if (named) {
    const separator = lookup('COMPOSE_PATH_SEPARATOR') || ':';
    return named
      .split(separator)
      .filter((name) => name !== '')
      .map((name) => ({ name, path: resolve(cwd, name), kind: null }));
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const found = await firstOf(folder, COMPOSE_NAMES);
    if (found !== undefined) {
      const override = await firstOf(folder, OVERRIDE_NAMES);
      return [found, ...(override === undefined ? [] : [override])];
    }
    if (folder === dirname(folder)) break;
  }
  throw new LinkloomError(
    'E_USAGE',
    `no configuration: no file is named and no compose.yaml is in ${resolve(cwd)} or above`,
    {
      hint: 'name one with -f FILE',
    },
  );
}

async function firstOf(folder: string, names: readonly string[]): Promise<FileRef | undefined> {
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => null))?.isFile()) return { name: path, path, kind: null };
  }
  return undefined;
}
