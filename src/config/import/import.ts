/** The entry to this room: finds what a file is, reads it, and applies what the user asked for. */
import { basename } from 'node:path';
import { isMap } from '../extract.ts';
import { readSources } from '../text/source.ts';
import { readComposeNetworks } from './compose/read.ts';
import { readContainerlab } from './containerlab/read.ts';
import { ForeignLab } from './foreign-lab.ts';
import { FORMATS, type ForeignFormat } from './formats.ts';
import { isNodeLink, readNodeLink } from './graphs/node-link.ts';
import { readKathara } from './kathara/read.ts';
import type { ImportOptions, Surroundings } from './options.ts';
import { standIn } from './stand-in.ts';

export interface ImportRequest {
  /** As the user named it; it stands in messages. */
  readonly file: string;
  readonly text: string;
  /** What the file is; null to find out. */
  readonly format: ForeignFormat | null;
  readonly options: ImportOptions;
  readonly around: Surroundings;
}

/** Imports one file. What is wrong with it is in the lab's notes; nothing is thrown. */
export async function importLab({ file, text, format, options, around }: ImportRequest): Promise<ForeignLab> {
  const found = format ?? (await formatOf(file, text));
  const lab = await read(found, { file, text, options, around });
  await standIn(lab, options, around);
  lab.settle();
  return lab;
}

async function read(
  format: ForeignFormat | null,
  { file, text, options, around }: Omit<ImportRequest, 'format'>,
): Promise<ForeignLab> {
  switch (format) {
    case 'containerlab':
      return readContainerlab(file, text, options, around);
    case 'kathara':
      return readKathara(file, text, around);
    case 'node-link':
      return readNodeLink(file, text, options);
    case 'graphml':
      return (await import('./graphs/graphml.ts')).readGraphml(file, text, options);
    case 'compose':
      return readComposeNetworks(file, text, around);
    case null: {
      const lab = new ForeignLab();
      lab.notes.add(
        'import-refused',
        `${file} is of no kind that is known`,
        undefined,
        `say what it is: --from ${FORMATS.join('|')}`,
      );
      return lab;
    }
  }
}

/** What a file is, by its name and its text; null if it is nothing that is known. */
async function formatOf(file: string, text: string): Promise<ForeignFormat | null> {
  if (basename(file) === 'lab.conf') return 'kathara';
  if (/\.clab\.ya?ml(?:\.gotmpl)?$/.test(file)) return 'containerlab';
  if (/^\s*(?:<\?xml|<graphml)/.test(text) || /\.graphml$/i.test(file)) return 'graphml';
  const isJson = /^\s*[{[]/.test(text);
  const [{ value }] = await readSources(file, text, isJson ? 'json' : 'yaml', false);
  if (isNodeLink(value)) return 'node-link';
  if (isMap(value) && isMap(value['topology'])) return 'containerlab';
  if (isMap(value) && isMap(value['services'])) return 'compose';
  if (/^topology:/m.test(text)) return 'containerlab';
  return /^[A-Za-z0-9_.-]+\[[A-Za-z0-9_]+\]\s*=/m.test(text) ? 'kathara' : null;
}
