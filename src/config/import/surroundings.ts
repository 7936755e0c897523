/** The files around an imported one. */
import { readFile, stat } from 'node:fs/promises';
import { join, normalize, relative, resolve } from 'node:path';
import type { Lookup } from '../text/interpolate.ts';
import type { Surroundings } from './options.ts';

/** The most bytes of a file beside the imported one. */
const MOST_BYTES = 2 ** 20;

/**
 * `folder` is that of the imported file, and `base` the one to which paths of the result are relative. Both are absolute. Nothing
 * outside of `folder` is looked at.
 */
export function surroundingsOf(folder: string, base: string, lookup: Lookup): Surroundings {
  const inside = (name: string): string | null => {
    const path = resolve(folder, name);
    return path.startsWith(join(folder, '/')) ? path : null;
  };
  return {
    lookup,
    async read(name) {
      const path = inside(name);
      const found = path === null ? null : await stat(path).catch(() => null);
      if (path === null || !found?.isFile() || found.size > MOST_BYTES) return null;
      return readFile(path, 'utf8').catch(() => null);
    },
    async exists(name) {
      const found = await stat(resolve(folder, name)).catch(() => null);
      return found?.isDirectory() ? 'folder' : found?.isFile() ? 'file' : null;
    },
    rebased(path) {
      if (path.startsWith('/') || folder === base) return path;
      const moved = normalize(join(relative(base, folder), path));
      return moved.startsWith('.') ? moved : `./${moved}`;
    },
  };
}
