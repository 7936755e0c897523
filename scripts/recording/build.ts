/** Writes docs/pictures/first-lab.svg: a recording of the scenes, taken in a sandbox. Needs root. */
import { writeFileSync } from 'node:fs';
import { enterSandbox } from '../sandbox.ts';
import { filmOf } from './film.ts';
import { HEIGHT, svgOf } from './svg.ts';
import { takeScenes } from './takes.ts';
import { COLUMNS, textOf } from './terminal.ts';

const status = await enterSandbox({ network: true });
if (status === null) {
  const film = filmOf(await takeScenes(), HEIGHT);
  const tooLong = textOf(film.text)
    .split('\n')
    .find((line) => line.length > COLUMNS);
  if (tooLong !== undefined) throw new Error(`no room for this line; was the machine busy? ${tooLong}`);
  const svg = svgOf(film, 'A first lab in a terminal: made, proved, broken, mended, changed by hand and removed');
  // Compiled, this file is dist/scripts/recording/build.js.
  writeFileSync(new URL('../../../docs/pictures/first-lab.svg', import.meta.url), svg);
} else process.exitCode = status;
