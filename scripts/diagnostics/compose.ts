/** Examples of faults of compose files. */
import type { COMPOSE } from '../../src/diagnostics/compose.ts';
import type { Examples } from './example.ts';

const PLAIN = { asCompose: false } as const;

export const COMPOSE_EXAMPLES: Examples<keyof typeof COMPOSE> = {
  'compose-value-type': { files: { 'compose.yaml': 'services:\n  - web\n' } },
  'project-name': { files: { 'compose.yaml': 'name: "---"\nservices: {}\n' } },
  'network-key-in-compose': { files: { 'compose.yaml': 'services: {}\nlinks: []\n' } },
  'include-not-followed': { files: { 'compose.yaml': 'include: [more.yaml]\nservices: {}\n' }, request: PLAIN },
  'include-without-file': { files: { 'compose.yaml': 'include:\n  - project_directory: sub\n' } },
  'include-remote': { files: { 'compose.yaml': 'include:\n  - https://example.com/compose.yaml\n' } },
  'include-circle': { files: { 'compose.yaml': 'include: [compose.yaml]\n' } },
  'include-too-many': {
    files: Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`c${i}.yaml`, `include: [c${i + 1}.yaml]\nservices: {}\n`]),
    ),
    shown: 'Sixty files, each of which includes the next.',
  },
  'extends-not-followed': {
    files: { 'compose.yaml': 'services:\n  web:\n    extends: {file: base.yaml, service: web}\n' },
    request: PLAIN,
  },
  'extends-without-service': { files: { 'compose.yaml': 'services:\n  web:\n    extends: {file: base.yaml}\n' } },
  'extends-unknown-service': { files: { 'compose.yaml': 'services:\n  web:\n    extends: bass\n  base: {}\n' } },
  'extends-circle': { files: { 'compose.yaml': 'services:\n  a: {extends: b}\n  b: {extends: a}\n' } },
};
