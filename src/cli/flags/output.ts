/** Options about what is printed and written. */
import { RESOLUTION_FORMATS } from '../../mdc/formats.ts';
import { LAYOUTS } from '../../picture/layout/names.ts';
import { PROGRESS_MODES } from '../../report/modes.ts';
import { type Flag, fileName, listOf, nodeGroup, wholeNumber } from './flag.ts';

export const FORMATS = ['yaml', 'json'] as const;

export const OUTPUT_FLAGS = {
  trace: {
    flags: '--trace <file>',
    description: 'write where the time went, for chrome://tracing or ui.perfetto.dev',
    group: 'Output',
    parse: fileName,
  },
  rounds: {
    flags: '--rounds <count>',
    description: 'how often to measure',
    group: 'Output',
    parse: wholeNumber(1, 1000),
    default: 3,
  },
  html: {
    flags: '--html <file>',
    description: 'also write a page with figures',
    group: 'Output',
    parse: fileName,
  },
  junit: {
    flags: '--junit <file>',
    description: 'also write a report in the XML of JUnit',
    group: 'Output',
    parse: fileName,
  },
  all: {
    flags: '--all',
    description: 'list the labs of this host',
    group: 'Output',
  },
  showConfig: {
    flags: '--show-config',
    description: 'print the configuration with its defaults as one line of JSON, and exit',
    group: 'Output',
  },
  detailedExitcode: {
    flags: '--detailed-exitcode',
    description: 'exit 4 if there are differences',
    group: 'Output',
  },
  json: {
    flags: '--json',
    description: 'print a JSON document on standard output',
    group: 'Output',
  },
  ci: {
    flags: '--no-ci',
    description: 'no annotations, groups and summary for GitHub, no sections for GitLab',
    group: 'Output',
    default: true,
  },
  progress: {
    flags: '--progress <mode>',
    description: 'how progress is shown on standard error',
    group: 'Output',
    choices: PROGRESS_MODES,
    default: 'auto',
  },
  verbose: {
    flags: '-v, --verbose',
    description: 'say more',
    group: 'Output',
    alsoEnv: ['VERBOSE'],
  },
  format: {
    flags: '--format <format>',
    description: 'format of what is printed',
    group: 'Output',
    choices: FORMATS,
    default: 'yaml',
  },
  layout: {
    flags: '--layout <layout>',
    description: 'how nodes are placed, in svg and html',
    group: 'Output',
    choices: LAYOUTS,
    default: 'auto',
  },
  group: {
    flags: '--group <nodes>',
    description: 'draw the nodes that `NAME=GLOB,GLOB` (or a glob alone) matches as one box; may be repeated',
    group: 'Output',
    parse: (value, previous) => [...listOf(previous), nodeGroup(value)],
    list: true,
  },
  ports: {
    flags: '--ports',
    description: 'draw every bridge with its ports, as conlink does, also one of two links',
    group: 'Output',
  },
  resolve: {
    flags: '--resolve <format>',
    description: 'only print which modes are meant, dependencies first',
    group: 'Output',
    choices: RESOLUTION_FORMATS,
  },
} as const satisfies Readonly<Record<string, Flag>>;
