// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such texts
/** Examples of faults of files and variables. */
import type { FILES } from '../../src/diagnostics/files.ts';
import type { Examples } from './example.ts';

const NOTHING = 'links: []\n';
const many = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join('');

export const FILE_EXAMPLES: Examples<keyof typeof FILES> = {
  'file-unreadable': {
    files: {},
    request: { files: ['nosuch.yaml'] },
    shown: '`-f nosuch.yaml`, and there is no such file.',
  },
  'file-too-large': {
    files: { 'lab.yaml': `# ${'x'.repeat(17 * 2 ** 20)}\n${NOTHING}` },
    shown: 'A YAML file of 17 MiB.',
  },
  'file-empty': { files: { 'lab.yaml': '# nothing yet\n' } },
  'file-kind-unclear': { files: { 'lab.yaml': 'link:\n  - {netns: a, bridge: b}\n' } },
  'file-format-unclear': {
    files: { lab: NOTHING },
    request: { files: [], networkFiles: ['lab'] },
    shown: '`--network-file lab`, a file without `.yaml` or `.json` at the end of its name.',
  },
  'file-format-unsupported': {
    files: { 'lab.edn': '{}\n' },
    request: { files: [], networkFiles: ['lab.edn'] },
    shown: '`--network-file lab.edn`',
  },
  'json-syntax': { files: { 'lab.json': '{"links": [] "lab": "x"}\n' } },
  'yaml-syntax': { files: { 'lab.yaml': 'links:\n\t- {netns: a, bridge: b}\n' } },
  'yaml-tag-unknown': { files: { 'lab.yaml': 'lab: !name a\nlinks: []\n' } },
  'yaml-key-not-text': { files: { 'lab.yaml': 'links:\n  - {[netns, bridge]: a}\n' } },
  'yaml-alias-unknown': { files: { 'lab.yaml': 'links: *all\n' } },
  'yaml-alias-circle': { files: { 'lab.yaml': 'x-a: &a [*a]\nlinks: []\n' } },
  'yaml-alias-expansion': {
    files: {
      'lab.yaml': `x-a: &a [${many(2000, () => '0, ')}]\nx-b: [${many(2000, () => '*a, ')}]\n${NOTHING}`,
    },
    shown: 'A list of 2,000 aliases, each of a list of 2,000 numbers.',
  },
  'yaml-merge-value': { files: { 'lab.yaml': 'links:\n  - <<: base\n    netns: a\n' } },
  'yaml-second-document': {
    files: { 'lab.yaml': 'links: []\n---\nlinks: []\n' },
    request: { asCompose: false },
  },
  'yaml-many-documents': {
    files: { 'lab.yaml': many(1001, () => `---\n${NOTHING}`) },
    shown: 'A file of 1001 documents.',
  },
  'nested-too-deep': {
    files: { 'lab.yaml': `x-a: ${'['.repeat(300)}${']'.repeat(300)}\n` },
    shown: 'Three hundred lists, each in the one before.',
  },
  'key-twice': { files: { 'lab.yaml': 'links:\n  - netns: a\n    bridge: b\n    netns: c\n' } },
  'env-file-unreadable': {
    files: { 'lab.yaml': NOTHING },
    symlinks: { '.env': '.env' },
    shown: 'A `.env` that is a symbolic link to itself.',
  },
  'env-syntax': { files: { 'lab.yaml': NOTHING, '.env': 'my key=1\n' } },
  'env-text-after-quote': { files: { 'lab.yaml': NOTHING, '.env': "A='it'\"'s'\n" } },
  'variable-malformed': { files: { 'compose.yaml': 'x-network:\n  links:\n    - {netns: a, bridge: "${1B}"}\n' } },
  'variable-required': { files: { 'lab.yaml': 'links:\n  - {netns: a, bridge: "${B:?which bridge}"}\n' } },
  'variable-unset': { files: { 'lab.yaml': 'links:\n  - {netns: a, bridge: "b$N"}\n' } },
  'variables-too-large': {
    files: { 'lab.yaml': `x-a:\n${many(70, () => '  - $A\n')}${NOTHING}` },
    request: { env: { A: 'x'.repeat(2 ** 20) } },
    shown: 'A variable of 1 MiB, seventy times.',
  },
  'more-errors': {
    files: { 'lab.yaml': `links:\n${many(101, (i) => `  - {netns: n${i}}\n`)}` },
    shown: 'A hundred and one links, each with an error.',
  },
  'more-warnings': {
    files: { 'lab.yaml': `bridges:\n${many(101, (i) => `  - {bridge: b${i}, colour: red}\n`)}` },
    shown: 'A hundred and one bridges, each with an unknown key.',
  },
};
