/** Writes the drawings of docs/pictures/. */
import { writeFileSync } from 'node:fs';
import { drawings } from './drawings.ts';

// Compiled, this file is dist/scripts/drawings/build.js.
for (const [name, svg] of drawings()) writeFileSync(new URL(`../../../docs/pictures/${name}`, import.meta.url), svg);
