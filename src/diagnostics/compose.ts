/** Faults of compose files: the project, its services, `include` and `extends`. */
import { commandLine } from '../verb-names.ts';
import type { DiagnosticRules } from './rule.ts';

export const COMPOSE = {
  'compose-value-type': {
    severity: 'error',
    cause: 'A key of a compose file has no map, or no list, where compose wants one.',
    cure: 'Write it as the message says.',
  },
  'project-name': {
    severity: 'error',
    cause: '`name:` of a compose file is no name of a project.',
    cure: 'Use lower-case letters, digits, `_` and `-`, the first a letter or a digit.',
  },
  'network-key-in-compose': {
    severity: 'error',
    cause: '`links:` or another key of network files is at the top of a compose file.',
    cure: 'Move it under `x-network:`.',
  },
  'include-not-followed': {
    severity: 'warning',
    cause: 'Without a verb, as conlink is called, the files under `include:` are not read.',
    cure: `Name those files too, or use a verb, as in ${commandLine('up')}.`,
  },
  'include-without-file': {
    severity: 'error',
    cause: 'An item of `include:` names no file.',
    cure: 'Write the name of a file, or a map with `path:`.',
  },
  'include-remote': {
    severity: 'warning',
    cause: '`include:` names something on another machine, which linkloom does not fetch.',
    cure: 'Include a file of this machine.',
  },
  'include-circle': {
    severity: 'error',
    cause: 'A file includes itself, directly or through other files.',
    cure: 'Remove one of the includes of the circle.',
  },
  'include-too-many': {
    severity: 'error',
    cause: 'Files include more files, or include each other deeper, than any real project.',
    cure: 'Include fewer files.',
  },
  'extends-not-followed': {
    severity: 'warning',
    cause: 'Without a verb, as conlink is called, `extends:` adds no links.',
    cure: `Repeat the links under the service, or use a verb, as in ${commandLine('up')}.`,
  },
  'extends-without-service': {
    severity: 'error',
    cause: '`extends:` names no service.',
    cure: 'Write `extends: NAME`, or `extends: {file: FILE, service: NAME}`.',
  },
  'extends-unknown-service': {
    severity: 'error',
    cause: '`extends:` names a service that is not in the file.',
    cure: 'Correct the name, or name the file that has the service.',
  },
  'extends-circle': {
    severity: 'error',
    cause: 'A service extends itself, directly or through other services.',
    cure: 'Remove one of the `extends:` of the circle.',
  },
} as const satisfies DiagnosticRules;
