/** What an import of another tool's file has to say. */
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
} as const satisfies DiagnosticRules;
