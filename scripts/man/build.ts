/** Writes man/, which npm and the image install. It is made when the package is packed, and not committed. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { manPages } from './pages.ts';

// Compiled, this file is dist/scripts/man/build.js.
const root = new URL('../../../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { readonly version: string };
rmSync(new URL('man/', root), { recursive: true, force: true });
mkdirSync(new URL('man/', root));
for (const [name, text] of manPages(version)) writeFileSync(new URL(`man/${name}`, root), text);
