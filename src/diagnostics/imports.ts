/** What an import of another tool's file has to say, and an export to one. */
import type { DiagnosticRules } from './rule.ts';

export const IMPORTS = {
  'import-refused': {
    severity: 'error',
    cause: 'A file of another tool can not be read, or has a node that linkloom can not make.',
    cure: 'Correct the place that is shown, or stand in for the node with `--image` or `--as netns`.',
  },
  'import-left-out': {
    severity: 'warning',
    cause: 'A part of another tool’s file has no counterpart in linkloom, and is not in the result.',
    cure: 'Nothing, if the lab does without it; else write it into the result by hand.',
  },
  'import-renamed': {
    severity: 'warning',
    cause: 'A name of another tool’s file can not be a name here, or is not unique.',
    cure: 'Nothing, but mind the new name in commands and configurations.',
  },
  'import-stood-in': {
    severity: 'warning',
    cause: 'Something else stands for a part of another tool’s file: another image, a namespace, a bridge.',
    cure: 'Nothing, if the lab is to work with the stand-in.',
  },
  'export-left-out': {
    severity: 'warning',
    cause: 'A part of the lab has no counterpart in the format that it is exported to, and is not in the result.',
    cure: 'Nothing, if the lab does without it there; `--strict` makes it an error.',
  },
  'export-renamed': {
    severity: 'warning',
    cause: 'A name of the lab can not be a name in the format that it is exported to.',
    cure: 'Nothing, but mind the new name there.',
  },
  'export-stood-in': {
    severity: 'warning',
    cause:
      'Something else stands for a part of the lab in the format that it is exported to, such as a container for a namespace.',
    cure: 'Nothing, if the lab is to work with the stand-in; `--image` chooses the image of containers.',
  },
} as const satisfies DiagnosticRules;
