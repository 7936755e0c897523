/** The text of docs/reference/commands.md, from the table of verbs. */

import type { Flag } from '../../src/cli/flags/flag.ts';
import { FLAGS, type FlagName } from '../../src/cli/flags.ts';
import type { LoadedVerb } from '../../src/cli/verb.ts';
import { ALL_VERBS } from './verbs.ts';

const INTRODUCTION = `# The commands, verb by verb

Written by \`npm run docs:reference\` from src/cli/: edit that. \`linkloom VERB --help\` says the same.

Each option has an environment variable, which counts where the option is not given. Where a variable and the configuration say
different things, the variable counts. An option that takes several values takes them separated by \`:\` in its variable.

`;

/** The exit statuses of all verbs, unless a verb says otherwise. */
export const EXIT_STATUSES = [
  ['0', 'done'],
  ['1', 'something failed, or the configuration is invalid'],
  ['2', 'the command line is wrong'],
  ['3', 'something is missing: a privilege, a socket, a program, a kernel feature'],
  ['4', 'there are differences (only with `--detailed-exitcode`)'],
  ['130, 143', 'interrupted by SIGINT, by SIGTERM'],
] as const;

export function commandsPage(): string {
  const rows = ALL_VERBS.map(({ name, summary }) => `| [\`${name}\`](#linkloom-${name}) | ${summary} |`);
  const contents = ['| verb | does |', '| --- | --- |', ...rows].join('\n');
  const statuses = [
    '| exit status | means |',
    '| --- | --- |',
    ...EXIT_STATUSES.map((row) => `| ${row.join(' | ')} |`),
  ];
  return `${INTRODUCTION}${statuses.join('\n')}\n\n${contents}\n\n${ALL_VERBS.map(verbText).join('\n')}`;
}

function verbText(verb: LoadedVerb): string {
  const parts = [
    `## linkloom ${verb.name}`,
    sentence(verb.description ?? verb.summary),
    `\`\`\`text\n${usageOf(verb)}\n\`\`\``,
  ];
  if (verb.aliases?.length) parts.push(`Also called ${verb.aliases.map((name) => `\`${name}\``).join(', ')}.`);
  if (verb.arguments?.length) parts.push(verb.arguments.map(argumentText).join('\n'));
  if (verb.flags.length > 0) parts.push(['| option | means |', '| --- | --- |', ...verb.flags.map(flagRow)].join('\n'));
  if (verb.examples.length > 0) parts.push(verb.examples.map(exampleText).join('\n'));
  if (verb.exitNotes)
    parts.push(['Exit status:', '', ...verb.exitNotes.map((note) => `- ${note.replace(/ +/, ': ')}`)].join('\n'));
  return `${parts.join('\n\n')}\n`;
}

/** `linkloom up [options]` */
export function usageOf({ name, flags, arguments: words = [] }: LoadedVerb): string {
  return ['linkloom', name, ...(flags.length > 0 ? ['[options]'] : []), ...words.map((word) => word.name)].join(' ');
}

function argumentText({ name, description, choices }: NonNullable<LoadedVerb['arguments']>[number]): string {
  const oneOf = choices ? ` (one of ${choices.join(', ')})` : '';
  return `- \`${name}\`: ${description}${oneOf}`;
}

/** What is known of an option beside its description: choices, default, variables. */
export function flagFacts(name: FlagName): readonly string[] {
  const flag: Flag = FLAGS[name];
  return [
    ...(flag.choices ? [`one of ${flag.choices.map((choice) => `\`${choice}\``).join(', ')}`] : []),
    ...(flag.default === undefined || flag.flags.startsWith('--no-') ? [] : [`default: ${String(flag.default)}`]),
    `variable: ${[variableOf(flag.flags), ...(flag.alsoEnv ?? [])].join(', ')}`,
  ];
}

function flagRow(name: FlagName): string {
  const { flags, description }: Flag = FLAGS[name];
  const words = [description, ...flagFacts(name)].map((text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;'));
  return `| \`${flags}\` | ${words.join('; ')} |`;
}

function variableOf(flags: string): string {
  const long = /--(?:no-)?([a-z-]+)/.exec(flags)?.[0] ?? '';
  return `LINKLOOM_${long.slice(2).replaceAll('-', '_').toUpperCase()}`;
}

function exampleText([line, effect]: LoadedVerb['examples'][number]): string {
  return `- \`linkloom ${line}\`: ${effect}`;
}

/** Words of a table as a sentence. */
export function sentence(text: string): string {
  const whole = /[.!?]$/.test(text) ? text : `${text}.`;
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}`;
}
