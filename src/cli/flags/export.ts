/** Options of `export`. */
import { EXPORT_FORMATS } from '../../export/formats.ts';
import { type Flag, fileName } from './flag.ts';

export const EXPORT_FLAGS = {
  to: {
    flags: '--to <format>',
    description: 'what to write',
    group: 'Configuration',
    choices: EXPORT_FORMATS,
  },
  output: {
    flags: '-o, --output <file>',
    description: 'write to a file; `-` is standard output',
    group: 'Output',
    parse: fileName,
    default: '-',
  },
  strict: {
    flags: '--strict',
    description: 'fail, and write nothing, where something is not carried over',
    group: 'Configuration',
  },
} as const satisfies Readonly<Record<string, Flag>>;
