/** Examples of what an import has to say. */
import type { IMPORTS } from '../../src/diagnostics/imports.ts';
import type { Examples } from './example.ts';

const topology = (nodes: string, links = ''): string => `name: lab\ntopology:\n  nodes:\n${nodes}${links}`;

export const IMPORT_EXAMPLES: Examples<keyof typeof IMPORTS> = {
  'import-refused': { files: { 'lab.clab.yml': topology('    r1: {kind: vr-sros, image: sros}\n') } },
  'import-left-out': {
    files: { 'lab.clab.yml': topology('    r1: {kind: linux, image: alpine, license: key.txt}\n') },
  },
  'import-renamed': {
    files: {
      'lab.clab.yml': topology(
        '    r1: {kind: linux, image: alpine}\n    r2: {kind: linux, image: alpine}\n',
        '  links:\n    - endpoints: ["r1:ethernet-1/1", "r2:eth1"]\n',
      ),
    },
  },
  'import-stood-in': { files: { 'lab.clab.yml': topology('    r1: {kind: linux}\n') } },
  'export-left-out': { when: 'A lab with `run:` programs is written for containerlab, which keeps none running.' },
  'export-renamed': { when: 'A node is called `_a`; in containerlab a name begins with a letter or a digit.' },
  'export-stood-in': { when: 'A node is a network namespace; in containerlab every node is a container.' },
};
