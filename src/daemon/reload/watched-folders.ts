/**
 * Finds the folders to watch for a path: its own, and those of all symbolic links on the way. If such a link changes, the path
 * leads to another file.
 */
import { readlinkSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

/** The most symbolic links that the kernel follows in one path (path_resolution(7)). */
const LINKS_MAX = 40;

/** The folders to watch, each with the names in it that matter. `paths` are absolute. */
export function foldersToWatch(paths: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const folders = new Map<string, Set<string>>();
  const note = (folder: string, name: string): void => {
    const names = folders.get(folder);
    if (names === undefined) folders.set(folder, new Set([name]));
    else names.add(name);
  };
  for (const path of paths) walk(path, note);
  return folders;
}

function walk(path: string, note: (folder: string, name: string) => void): void {
  let links = 0;
  let done = '/';
  let names = path.split(sep).filter((name) => name !== '');
  while (names.length > 0) {
    const [name = '', ...rest] = names;
    const here = join(done, name);
    const target = linkAt(here);
    if (target !== null || rest.length === 0) note(done, name);
    if (target === null) {
      done = here;
      names = rest;
      continue;
    }
    if (++links > LINKS_MAX) return;
    names = [
      ...resolve(done, target)
        .split(sep)
        .filter((part) => part !== ''),
      ...rest,
    ];
    done = '/';
  }
}

function linkAt(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
