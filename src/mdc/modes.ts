/** Reads modes: from folders, each with an optional `deps` file, or from a graph as JSON. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LinkloomError } from '../errors.ts';
import type { Dependencies, Mode, Modes } from './resolve.ts';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/**
 * Reads a `deps` file, or a list of modes on a command line. Words are separated by spaces, commas or line ends; `#` begins a
 * comment; `a|b` is any one of them; `+a` only says that `a` comes first if it is used. `where` is for messages. Throws E_CONFIG
 * for a word that can't be a mode.
 */
export function parseDeps(text: string, where: string): Dependencies {
  const needs: string[][] = [];
  const after: string[] = [];
  const words = text.replace(/#.*$/gm, '').split(/[\s,]+/);
  for (const word of words.filter((each) => each !== '')) {
    if (word.startsWith('+')) after.push(checked(word.slice(1), where));
    else needs.push(word.split('|').map((name) => checked(name, where)));
  }
  return { needs, after };
}

/**
 * All modes of the sources, by name. A source is a folder, a `*.json` file, or `-` for JSON on standard input. Throws E_CONFIG if a
 * source can't be read, or if two sources have the same mode.
 */
export function readModes(sources: readonly string[]): Modes {
  const modes = new Map<string, Mode>();
  for (const mode of sources.flatMap(readSource)) {
    const other = modes.get(mode.name);
    if (other !== undefined && other.path !== mode.path) {
      throw new LinkloomError('E_CONFIG', `mode '${mode.name}' is in several places: ${other.path}, ${mode.path}`);
    }
    modes.set(mode.name, mode);
  }
  return modes;
}

function readSource(source: string): readonly Mode[] {
  try {
    if (source === '-') return graphModes(readFileSync(0, 'utf8'), 'standard input');
    if (source.endsWith('.json')) return graphModes(readFileSync(source, 'utf8'), source);
    return folderModes(source);
  } catch (cause) {
    if (cause instanceof LinkloomError) throw cause;
    throw new LinkloomError('E_CONFIG', `cannot read the modes in '${source}': ${(cause as Error).message}`, {
      cause,
      hint: 'the folder of modes is ./modes, or what MODES_DIR names',
    });
  }
}

function folderModes(source: string): readonly Mode[] {
  const names = readdirSync(source).filter((name) => NAME.test(name) && statSync(join(source, name)).isDirectory());
  return names.sort().map((name) => {
    // The path is kept as written, with `./`, since it goes into COMPOSE_FILE.
    const path = `${source.replace(/\/+$/, '')}/${name}`;
    const file = `${path}/deps`;
    const deps = existsSync(file) ? parseDeps(readFileSync(file, 'utf8'), file) : { needs: [], after: [] };
    return { name, path, ...deps };
  });
}

/**
 * Reads a graph of modes, such as `{"b": ["a", ["c", "d"], {"after": "e"}]}`. A mode that is only mentioned exists too, and needs
 * nothing.
 */
function graphModes(text: string, where: string): readonly Mode[] {
  const graph: unknown = JSON.parse(text);
  if (typeof graph !== 'object' || graph === null || Array.isArray(graph)) throw malformed(where);
  const modes = new Map<string, Mode>();
  for (const [name, list] of Object.entries(graph)) {
    if (!Array.isArray(list)) throw malformed(where);
    const words = list.map((entry: unknown) => graphWord(entry, where));
    modes.set(checked(name, where), { name, path: '', ...parseDeps(words.join(' '), where) });
  }
  for (const name of [...modes.values()].flatMap(({ needs, after }) => [...needs.flat(), ...after])) {
    if (!modes.has(name)) modes.set(name, { name, path: '', needs: [], after: [] });
  }
  return [...modes.values()];
}

function graphWord(entry: unknown, where: string): string {
  if (typeof entry === 'string') return entry;
  if (Array.isArray(entry) && entry.every((option) => typeof option === 'string')) return entry.join('|');
  if (typeof entry === 'object' && entry !== null && 'after' in entry && typeof entry.after === 'string') {
    return `+${entry.after}`;
  }
  throw malformed(where);
}

function malformed(where: string): LinkloomError {
  return new LinkloomError('E_CONFIG', `${where} is no graph of modes`, {
    hint: 'it looks like this: {"b": ["a", ["c", "d"], {"after": "e"}]}',
  });
}

function checked(name: string, where: string): string {
  if (NAME.test(name)) return name;
  throw new LinkloomError('E_CONFIG', `'${name}' can be no mode`, {
    where,
    hint: 'a mode is letters, digits, _ . and -; `a|b` is any one of them, `+a` comes first if it is there',
  });
}
