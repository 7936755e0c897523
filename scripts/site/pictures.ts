/** The pictures of docs/pictures/ that are taken in a browser, and from which sources. They can't be compared: each browser draws a little otherwise. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages.ts';

/** What the pictures show, and the script that takes them. */
const SOURCES = ['src/page', 'scripts/build-pictures.ts'];
/** The hash of the sources when the pictures were taken. */
export const TAKEN_FROM = join(ROOT, 'docs/pictures/taken-from.txt');

/** A hash of all that the pictures show. */
export function sourcesOfPictures(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const isFile = /\.ts$/.test(source);
    const files = isFile
      ? ['']
      : readdirSync(join(ROOT, source), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(join(ROOT, source).length))
          .sort();
    for (const file of files) hash.update(`${source}${file}\0`).update(readFileSync(join(ROOT, source, file)));
  }
  return hash.digest('hex');
}

/** A line if the pictures are older than what they show. */
export function stalePictures(): readonly string[] {
  const isFresh = readFileSync(TAKEN_FROM, 'utf8').trim() === sourcesOfPictures();
  return isFresh ? [] : ['docs/pictures/: the page has changed since its pictures were taken: npm run docs:pictures'];
}
