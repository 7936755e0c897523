/** The entry to this room: a Config becomes the text of a file of another tool. */
import type { Config } from '../config/config.ts';
import { Notes } from '../config/import/notes.ts';
import type { Diagnostic } from '../errors.ts';
import { writeCompose } from './compose/write.ts';
import { writeContainerlab } from './containerlab/write.ts';
import type { ExportFormat } from './formats.ts';
import { labOf } from './lab.ts';
import { writeNodeLink } from './node-link.ts';
import type { ExportOptions } from './options.ts';

export interface Exported {
  readonly text: string;
  /** What is not in the text, or otherwise than in the lab, in the order of the files. */
  readonly notes: readonly Diagnostic[];
}

/** Writes a lab for another tool. Nothing is thrown: what the format has no words for is in the notes. */
export function exportLab(config: Config, lab: string, to: ExportFormat, options: ExportOptions): Exported {
  const notes = new Notes('export');
  const text = textOf(config, lab, to, options, notes);
  return { text, notes: notes.inOrder };
}

function textOf(config: Config, lab: string, to: ExportFormat, options: ExportOptions, notes: Notes<'export'>): string {
  switch (to) {
    case 'compose':
      return writeCompose(config, lab, notes, options);
    case 'containerlab':
      return writeContainerlab(labOf(config, lab), notes, options);
    case 'node-link':
      return writeNodeLink(labOf(config, lab), notes);
  }
}
