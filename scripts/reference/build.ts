/** Writes docs/reference/ (the configuration by its keys, the commands by their verbs), and the list of man pages in package.json. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { manPages } from '../man/pages.ts';
import { commandsPage } from './commands-page.ts';
import { configurationPage } from './configuration-page.ts';

// Compiled, this file is dist/scripts/reference/build.js.
const folder = new URL('../../../docs/reference/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('configuration.md', folder), configurationPage());
writeFileSync(new URL('commands.md', folder), commandsPage());

const manifest = new URL('../../../package.json', import.meta.url);
const { man: _man, ...rest } = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
const man = [...manPages('').keys()].map((name) => `./man/${name}`);
const entries = Object.entries(rest).flatMap((entry) => (entry[0] === 'files' ? [['man', man], entry] : [entry]));
writeFileSync(manifest, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
