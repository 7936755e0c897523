/** Options of `import`. */
import { InvalidArgumentError } from 'commander';
import { FORMATS } from '../../config/import/formats.ts';
import { type Flag, fileName, listOf } from './flag.ts';

/** Reads `GLOB=IMAGE`, and adds it to the earlier ones. Throws InvalidArgumentError for any other value. */
function imageChoice(value: string, previous: unknown): readonly string[] {
  if (!/^[^=]+=.+$/.test(value)) throw new InvalidArgumentError("It must be 'GLOB=IMAGE', as 'r*=busybox'.");
  return [...listOf(previous), value];
}

export const IMPORT_FLAGS = {
  from: {
    flags: '--from <format>',
    description: 'what the file is (default: found by its name and content)',
    group: 'Configuration',
    choices: FORMATS,
  },
  image: {
    flags: '--image <glob=image>',
    description:
      'image for nodes whose name, or whose own image, matches the pattern; may be repeated, the first match counts',
    group: 'Configuration',
    parse: imageChoice,
    // No list: in the environment `:` is a part of an image's name.
  },
  as: {
    flags: '--as <kind>',
    description: 'make every node a network namespace, whatever it is in the file',
    group: 'Configuration',
    choices: ['netns'],
  },
  keepUnknown: {
    flags: '--keep-unknown',
    description: 'keep nodes that want a virtual machine, as containers of their image',
    group: 'Configuration',
  },
  carryImpair: {
    flags: '--no-carry-impair',
    description: 'leave delays and rates of the file out',
    group: 'Configuration',
  },
  vars: {
    flags: '--vars <file>',
    description: 'YAML or JSON file with the values of a template',
    group: 'Configuration',
    parse: fileName,
  },
} as const satisfies Readonly<Record<string, Flag>>;
