/** Which files to read, and reading them. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { LinkloomError } from '../errors.ts';
import type { Diagnostics } from './diagnose.ts';
import type { Kind } from './extract.ts';
import { interpolate, type Lookup } from './text/interpolate.ts';
import { type Format, MAX_TEXT } from './text/source.ts';

/** A file to read. */
export interface FileRef {
  /** As the user named it. */
  readonly name: string;
  /** Absolute; for standard input the working directory and `-`. */
  readonly path: string;
  /** null: told by content. */
  readonly kind: Kind | null;
}

/** compose's file names, in the order in which compose prefers them. */
const COMPOSE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** Values of a flag that takes `:`-separated lists. */
export function listed(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(':')).filter((value) => value !== '');
}

/**
 * compose's own files where none is named: `COMPOSE_FILE`, else the first of compose's names in `cwd` or the
 * nearest folder above that has one, with its override file.
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
      const override = await firstOf(folder, COMPOSE_NAMES.map(overrideName));
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

function overrideName(name: string): string {
  return name.replace(/\.(ya?ml)$/, '.override.$1');
}

async function firstOf(folder: string, names: readonly string[]): Promise<FileRef | undefined> {
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => null))?.isFile()) return { name: path, path, kind: null };
  }
  return undefined;
}

/** The variables of a folder's `.env`, interpolated from `lookup` and those before; none if there is no such file. */
export async function readDotEnv(folder: string, lookup: Lookup): Promise<ReadonlyMap<string, string>> {
  const variables = new Map<string, string>();
  const text = await readFile(join(folder, '.env'), 'utf8').catch(() => null);
  if (text === null) return variables;
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value === undefined) continue;
    variables.set(name, interpolate(value, (other) => lookup(other) ?? variables.get(other)).text);
  }
  return variables;
}

/** The text of a file; null, and a fault, where it can't be read. */
export async function readText(
  ref: FileRef,
  readStdin: () => Promise<Uint8Array>,
  diagnostics: Diagnostics,
): Promise<string | null> {
  try {
    if (ref.name !== '-' && (await stat(ref.path)).size > 4 * MAX_TEXT.json) {
      diagnostics.add('error', `${ref.name} is larger than ${(4 * MAX_TEXT.json) / 2 ** 20} MiB`, {
        hint: 'split it into several files',
      });
      return null;
    }
    const bytes = ref.name === '-' ? await readStdin() : await readFile(ref.path);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    diagnostics.add('error', `cannot read ${ref.name === '-' ? 'standard input' : ref.name}: ${reason(error)}`);
    return null;
  }
}

function reason(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'permission denied';
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'it is not UTF-8 text';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/**
 * How a file is written: by its name; where the name does not say (only `-f` allows that), by whether it begins as
 * JSON does. Null, and a fault, where it can't be read.
 */
export function formatOf(ref: FileRef, text: string, diagnostics: Diagnostics): Format | null {
  if (/\.ya?ml$/i.test(ref.name)) return 'yaml';
  if (/\.json$/i.test(ref.name)) return 'json';
  if (/\.edn$/i.test(ref.name)) {
    diagnostics.add('error', `${ref.name}: EDN is not read`, {
      hint: 'write it as YAML or JSON; conlink reads those too',
    });
    return null;
  }
  if (ref.kind !== null) {
    diagnostics.add('error', `${ref.name}: the name does not say whether it is YAML or JSON`, {
      hint: 'name it .yaml or .json, or give it with -f, which looks at the content',
    });
    return null;
  }
  return /^\s*(?:\{\s*["}]|\[)/.test(text) ? 'json' : 'yaml';
}
