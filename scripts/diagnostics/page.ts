/** The text of docs/diagnostics.md, from the tables of src/diagnostics/ and the examples beside this file. */
import type { DiagnosticRules } from '../../src/diagnostics/rule.ts';
import { CHAPTERS, type DiagnosticCode } from '../../src/diagnostics/table.ts';
import { ERROR_CODES } from '../../src/errors.ts';
import type { FileExample } from './example.ts';
import { EXAMPLES } from './examples.ts';

const INTRODUCTION = `# What can be wrong, by code

Written by \`npm run docs:diagnostics\` from src/diagnostics/: edit that.

Each fault of a configuration has a code, which does not change. It stands in brackets at the end of the message:

\`\`\`
ERROR: lab.yaml:2:36: a:eth0: ip "10.0.0.1" has no prefix length: write 10.0.0.1/24 or the like [address-without-prefix]
\`\`\`

With \`--json\` each entry of \`diagnostics\` has \`code\`, \`severity\`, \`message\`, \`hint\`, and its place: \`file\`, \`line\`, \`column\`,
\`endLine\`, \`endColumn\`. Lines and columns count from 1, columns in UTF-16 units. The end is exclusive: \`endColumn\` is the column behind
the last character. What has no place has \`null\` there. After an error nothing has been touched; a warning only speaks.
`;

export function diagnosticsPage(): string {
  const chapters: readonly (readonly [string, DiagnosticRules])[] = Object.entries(CHAPTERS);
  return [INTRODUCTION, ...chapters.map(([title, rules]) => chapterText(title, rules)), failuresText()].join('\n');
}

const SEVERITIES = { error: 'Error', warning: 'Warning', note: 'Note' } as const;

function chapterText(title: string, rules: DiagnosticRules): string {
  const entries = Object.entries(rules).map(([code, { severity, cause, cure }]) => {
    const example = exampleText(code as DiagnosticCode);
    return `### ${code}\n\n${SEVERITIES[severity]}. ${cause}\n\n${example}\n\n${cure}\n`;
  });
  return [`## ${title}\n`, ...entries].join('\n');
}

function exampleText(code: DiagnosticCode): string {
  const example = EXAMPLES[code];
  if ('when' in example) return `Example: ${example.when}`;
  if (example.shown !== undefined) return `Example: ${example.shown}`;
  return `Example${circumstances(example)}:\n\n${filesText(example.files)}`;
}

function circumstances({ request, replicas, twice, uplinkAddress }: FileExample): string {
  if (request?.asCompose === false) return ', without a verb';
  if (replicas !== undefined)
    return `, with ${Object.entries(replicas).map(([name, count]) => `${count} replicas of ${name}`)}`;
  if (twice !== undefined) return `, where both Docker and Podman run a container ${twice}`;
  return uplinkAddress === null ? ', with linkloom outside of a container' : '';
}

function filesText(files: FileExample['files']): string {
  const named = Object.keys(files).length > 1;
  const blocks = Object.entries(files).map(([name, text]) => {
    const language = name.endsWith('.json') ? 'json' : name.endsWith('.yaml') ? 'yaml' : '';
    return `${named ? `\`${name}\`\n\n` : ''}\`\`\`${language}\n${text.replace(/\n$/, '')}\n\`\`\``;
  });
  return blocks.join('\n\n');
}

function failuresText(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { exitCode, summary }]) => `| \`${code}\` | ${exitCode} | ${summary} |`,
  );
  return [
    '## Failures of a run\n',
    'What ends a run, or fails a link, has one of these codes, and the run the exit status beside it.\n',
    '| code | exit status | meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
