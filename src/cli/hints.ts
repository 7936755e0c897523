/** Guesses what a user meant who called a verb in a wrong way, and writes a line that can be copied. */

import { existsSync } from 'node:fs';
import type { Command, CommanderError } from 'commander';
import { LAB_NAME } from '../config/schema.ts';
import { nearest } from '../config/text/nearest.ts';
import { commandLine, type VerbName } from '../verb-names.ts';
import type { LoadedVerb } from './verb.ts';
import { findVerb, VERBS } from './verbs.ts';

/** Words that other tools use for linkloom's verbs. */
const OTHER_WORDS: Readonly<Record<string, VerbName | `${VerbName} --${string}`>> = {
  check: 'validate',
  create: 'up',
  delete: 'down',
  diff: 'plan',
  lint: 'validate',
  list: 'status --all',
  ls: 'status --all',
  ps: 'status --all',
  remove: 'down',
  rm: 'down',
  show: 'status',
  ssh: 'shell',
  start: 'up',
  stop: 'down',
  watch: 'up --watch',
};

const OTHER_OPTIONS: Readonly<Record<string, string>> = {
  '--config': '-f FILE',
  '--dry-run': commandLine('plan'),
  '--name': '--lab NAME',
  '--quiet': '--progress quiet',
  '--topo': '-f FILE',
  '--topology': '-f FILE',
  '-c': '-f FILE',
  '-n': '--lab NAME',
  '-q': '--progress quiet',
  '-t': '-f FILE',
};

/** A command line that commander has refused. */
export interface Parsed {
  readonly words: readonly string[];
  /** Whether it begins with no verb. */
  readonly bare: boolean;
  readonly program: Command;
  /** The verb that it calls; undefined if there is none of that name. */
  readonly verb: LoadedVerb | undefined;
}

/** The hint for a usage error, with its line break; '' if there is none. */
export function usageHint(error: CommanderError, { words, bare, program, verb }: Parsed): string {
  const [first = ''] = words;
  const late = bare ? words.findIndex((word) => findVerb(word)) : -1;
  if (late >= 0) {
    const rest = words.filter((_, at) => at !== late);
    return `The verb comes first: linkloom ${words[late]} …\n${didYouMean(lineOf([words[late] ?? '', ...rest]))}`;
  }
  const command = program.commands.find((one) => one.name() === verb?.name);
  switch (error.code) {
    case 'commander.unknownCommand':
      return didYouMean(commandFor(first, words)) || verbHint(first);
    case 'commander.excessArguments':
      return didYouMean(command ? strayFor(command, words) : null);
    case 'commander.unknownOption':
      return didYouMean(optionFor(error.message), true);
    case 'commander.missingArgument':
      return verb?.examples[0] ? `For example: linkloom ${verb.examples[0][0]}\n` : '';
    default:
      return didYouMean(choiceFor(error.message), true);
  }
}

/** The question in commander's own form. */
function didYouMean(line: string | null, isPlain = false): string {
  if (line === null) return '';
  return `(Did you mean ${isPlain ? line : `\`${line}\``}?)\n`;
}

/** The question for the verb that is nearest to an unknown word. */
export function verbHint(word: string): string {
  const names = VERBS.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]);
  const begun = word.length > 1 ? names.find((name) => name.startsWith(word)) : undefined;
  const near = nearest(word, names) ?? begun ?? OTHER_WORDS[word] ?? null;
  return didYouMean(near, true);
}

function lineOf(words: readonly string[]): string {
  const quoted = words.map((word) => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return `linkloom ${quoted.join(' ')}`;
}

function isFileName(word: string): boolean {
  return /\.(ya?ml|json)$/i.test(word) || word === '-' || (word.includes('/') && existsSync(word)) || existsSync(word);
}

function commandFor(word: string, words: readonly string[]): string | null {
  if (isFileName(word)) return lineOf(['up', '-f', ...words]);
  const other = OTHER_WORDS[word];
  return other === undefined ? null : lineOf([...other.split(' '), ...words.slice(1)]);
}

/** The command line for a word too many: it is probably a file, a lab, or a call for help. */
function strayFor(command: Command, words: readonly string[]): string | null {
  const stray = command.args[command.registeredArguments.length];
  const at = stray === undefined ? -1 : words.lastIndexOf(stray);
  if (stray === undefined || at < 0) return null;
  if (stray === 'help') return lineOf([command.name(), '--help']);
  const takes = (long: string): boolean => command.options.some((option) => option.long === long);
  const instead = (option: string): string => lineOf(words.toSpliced(at, 1, option, stray));
  if (takes('--file') && isFileName(stray)) return instead('-f');
  return takes('--lab') && LAB_NAME.test(stray) ? instead('--lab') : null;
}

function optionFor(message: string): string | null {
  const [, option = ''] = /unknown option '([^'=]*)/.exec(message) ?? [];
  return OTHER_OPTIONS[option] ?? null;
}

function choiceFor(message: string): string | null {
  const [, value, choices] = /'([^']*)' is invalid.*Allowed choices are (.*)\.$/s.exec(message) ?? [];
  return value === undefined || choices === undefined ? null : (nearest(value, choices.split(', ')) ?? null);
}
