// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such texts
/** Faults of files themselves: finding and reading them, their syntax, and the variables in them. */
import { commandLine } from '../verb-names.ts';
import type { DiagnosticRules } from './rule.ts';

export const FILES = {
  'file-unreadable': {
    severity: 'error',
    cause: 'A file that is named can not be read.',
    cure: 'Correct the name, or give linkloom the right to read the file.',
  },
  'file-too-large': {
    severity: 'error',
    cause: 'A file is larger than the most that linkloom reads.',
    cure: 'Split it into several files, or write it as JSON, which may be larger.',
  },
  'file-empty': {
    severity: 'error',
    cause: 'A file is empty, or has no map of keys at its top.',
    cure: 'Write `links:` into a network file, `services:` or `x-network:` into a compose file.',
  },
  'file-kind-unclear': {
    severity: 'error',
    cause: 'The keys at the top of a file are neither those of a network file nor those of a compose file.',
    cure: 'Correct the key, or give the file with `--network-file` or `--compose-file`.',
  },
  'file-format-unclear': {
    severity: 'error',
    cause: 'The name of a file does not say whether it is YAML or JSON.',
    cure: 'Name it .yaml or .json, or give it with `-f`, which looks at the content.',
  },
  'file-format-unsupported': {
    severity: 'error',
    cause: 'A file is written in EDN, which linkloom does not read.',
    cure: 'Write it as YAML or JSON.',
  },
  'json-syntax': {
    severity: 'error',
    cause: 'A file is not JSON.',
    cure: 'Correct the place that is shown, or name the file .yaml if it has comments.',
  },
  'yaml-syntax': {
    severity: 'error',
    cause: 'A file is not YAML.',
    cure: 'Correct the place that is shown: often an indentation, a quote or a colon.',
  },
  'yaml-tag-unknown': {
    severity: 'warning',
    cause: 'YAML that means nothing to linkloom, such as an unknown tag.',
    cure: 'Remove it, or put the value in quotes.',
  },
  'yaml-key-not-text': {
    severity: 'error',
    cause: 'A key is a list or a map.',
    cure: 'Write the key as plain text.',
  },
  'yaml-alias-unknown': {
    severity: 'error',
    cause: 'An alias has no anchor before it.',
    cure: 'Define the anchor, as in `&base`, above the alias.',
  },
  'yaml-alias-circle': {
    severity: 'error',
    cause: 'An anchor contains an alias of itself.',
    cure: 'Write the value out in one of the two places.',
  },
  'yaml-alias-expansion': {
    severity: 'error',
    cause: 'The aliases of a file expand to more values than any lab has.',
    cure: 'Write the values out, or generate JSON.',
  },
  'yaml-merge-value': {
    severity: 'error',
    cause: 'The merge key `<<` has a value that is no map and no list of maps.',
    cure: 'Name an anchor of a map, as in `<<: *base`.',
  },
  'yaml-second-document': {
    severity: 'error',
    cause: 'A file holds a second document where only one is read.',
    cure: `Give the file with a verb, as in ${commandLine('up', '-f FILE')}: then the documents are merged.`,
  },
  'yaml-many-documents': {
    severity: 'error',
    cause: 'A file holds more documents than are read.',
    cure: 'Split it into several files.',
  },
  'nested-too-deep': {
    severity: 'error',
    cause: 'Values are nested deeper than any real file.',
    cure: 'Flatten the file.',
  },
  'key-twice': {
    severity: 'error',
    cause: 'A map has the same key twice.',
    cure: 'Remove one of the two, or join them.',
  },
  'env-file-unreadable': {
    severity: 'warning',
    cause: 'There is a `.env`, and it can not be read.',
    cure: 'Give linkloom the right to read it, or set `COMPOSE_DISABLE_ENV_FILE=1`.',
  },
  'env-syntax': {
    severity: 'error',
    cause: 'A line of a file of variables is no `NAME=value`.',
    cure: 'Write `NAME=value`, with quotes around a value that spans lines.',
  },
  'env-text-after-quote': {
    severity: 'warning',
    cause: 'A value in a file of variables goes on after its closing quote.',
    cure: 'Put the whole value in one pair of quotes.',
  },
  'variable-malformed': {
    severity: 'error',
    cause: 'A `$` begins nothing that is a variable.',
    cure: 'Write `${NAME}` or `${NAME:-default}`. A plain `$` is written `$$`.',
  },
  'variable-required': {
    severity: 'error',
    cause: 'A variable is required, as in `${NAME:?message}`, and not set.',
    cure: 'Set it in the environment or in `.env`.',
  },
  'variable-unset': {
    severity: 'warning',
    cause: 'A variable is not set, so it becomes empty.',
    cure: 'Set it, or write `${NAME:-default}`. A plain `$` is written `$$`.',
  },
  'variables-too-large': {
    severity: 'error',
    cause: 'The values of variables add more text than linkloom reads.',
    cure: 'Give the variables shorter values.',
  },
  'more-errors': {
    severity: 'error',
    cause: 'There are more errors than are shown.',
    cure: 'Mend those that are shown, and check again.',
  },
  'more-warnings': {
    severity: 'warning',
    cause: 'There are more warnings than are shown.',
    cure: 'Mend those that are shown, and check again.',
  },
} as const satisfies DiagnosticRules;
