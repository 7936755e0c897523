/** Gives a file of another tool to the loader, as if it were written in linkloom's own language. */
import { basename } from 'node:path';
import type { Span } from '../../errors.ts';
import { isMap } from '../extract.ts';
import type { Lookup } from '../text/interpolate.ts';
import type { Source } from '../text/source.ts';
import { NO_OPTIONS } from './options.ts';

/** A file as it was read. `folder` is absolute. */
export interface ForeignText {
  readonly file: string;
  readonly folder: string;
  readonly text: string;
  readonly lookup: Lookup;
}

/** Whether a file is Kathara's or containerlab's by its name. Such a file may not be YAML before it has been worked on. */
export function isForeignName(file: string): boolean {
  return basename(file) === 'lab.conf' || /\.clab\.ya?ml$/i.test(file);
}

/** Whether a document is a containerlab topology: nothing else has a map `topology:` at its top. */
export function isForeign(value: unknown): boolean {
  return isMap(value) && isMap(value['topology']);
}

/** The document that a file of another tool becomes, with the positions of its parts in that file. */
export async function foreignSource({ file, folder, text, lookup }: ForeignText): Promise<Source> {
  const [{ importLab }, { surroundingsOf }] = await Promise.all([import('./import.ts'), import('./surroundings.ts')]);
  const around = surroundingsOf(folder, folder, lookup);
  const format = basename(file) === 'lab.conf' ? 'kathara' : 'containerlab';
  const lab = await importLab({ file, text, format, options: NO_OPTIONS, around });
  const top: Span = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  return {
    file,
    folder,
    value: lab.document(),
    diagnostics: lab.notes.inOrder,
    mayInterpolate: false,
    locate: (path) => lab.placeOf(path)?.() ?? top,
    written: () => undefined,
    resets: [],
  };
}
