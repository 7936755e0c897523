/** Completion scripts as text, from commander's tree. */
import type { Command, Option } from 'commander';
import type { Shell } from './completion.ts';

/** What a shell needs to know of a verb. */
interface Entry {
  readonly names: readonly string[];
  readonly summary: string;
  readonly options: readonly Option[];
  /** Words that its first argument may be. */
  readonly words: readonly string[];
}

/** The script for a shell. Options that take a value complete their choices, else files. */
export function completionScript(shell: Shell, program: Command): string {
  const entries = program.commands.map(entryOf);
  switch (shell) {
    case 'bash':
      return bashScript(entries);
    case 'zsh':
      return zshScript(entries);
    case 'fish':
      return fishScript(entries);
    default:
      return shell satisfies never;
  }
}

function entryOf(command: Command): Entry {
  return {
    names: [command.name(), ...command.aliases()],
    summary: command.summary(),
    options: command.options,
    words: command.registeredArguments[0]?.argChoices ?? [],
  };
}

function wordsOf(option: Option): string[] {
  return [option.short, option.long].filter((word) => word !== undefined);
}

function bashScript(entries: readonly Entry[]): string {
  const verbs = entries.flatMap((entry) => entry.names).join(' ');
  const values = new Map<string, string>();
  for (const option of entries.flatMap((entry) => entry.options)) {
    if (option.argChoices) values.set(wordsOf(option).join('|'), option.argChoices.join(' '));
  }
  const valueCases = [...values].map(
    ([pattern, words]) => `    ${pattern}) COMPREPLY=($(compgen -W '${words}' -- "$word")); return ;;\n`,
  );
  const verbCases = entries.map((entry) => {
    const words = [...entry.options.flatMap(wordsOf), '--help', ...entry.words].join(' ');
    return `    ${entry.names.join('|')}) words='${words}' ;;\n`;
  });
  return `# bash completion for linkloom
_linkloom() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=''
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W '${verbs} help --help --version' -- "$word"))
    return
  fi
  case $before in
${valueCases.join('')}  esac
  case \${COMP_WORDS[1]} in
${verbCases.join('')}  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o bashdefault -o default -F _linkloom linkloom
`;
}

function zshScript(entries: readonly Entry[]): string {
  const verbs = entries.flatMap((entry) => entry.names.map((name) => `    ${quoted(`${name}:${entry.summary}`)}\n`));
  const cases = entries.map((entry) => {
    const options = entry.options.map((option) => `      ${zshOption(option)} \\\n`);
    const words = entry.words.length > 0 ? `      ${quoted(`1:value:(${entry.words.join(' ')})`)} \\\n` : '';
    return `    ${entry.names.join('|')}) _arguments -s \\\n${options.join('')}${words}      '*:file:_files' ;;\n`;
  });
  return `#compdef linkloom
_linkloom() {
  local -a verbs
  verbs=(
${verbs.join('')}  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  shift words
  (( CURRENT -= 1 ))
  case $words[1] in
${cases.join('')}  esac
}
compdef _linkloom linkloom
`;
}

/** `'*'{-f,--file}'[what it does]:file:_files'`, as _arguments wants it. */
function zshOption(option: Option): string {
  const names = wordsOf(option);
  const name = names.length > 1 ? `{${names.join(',')}}` : (names[0] ?? '');
  const text = option.description.replaceAll('[', '(').replaceAll(']', ')').replaceAll(':', '\\:');
  const value = option.argChoices ? `:value:(${option.argChoices.join(' ')})` : ':value:_files';
  return `'*'${name}${quoted(`[${text}]${option.isBoolean() || option.negate ? '' : value}`)}`;
}

function fishScript(entries: readonly Entry[]): string {
  const lines = ['# fish completion for linkloom'];
  for (const entry of entries) {
    for (const name of entry.names) {
      lines.push(`complete -c linkloom -f -n __fish_use_subcommand -a ${name} -d ${quoted(entry.summary)}`);
    }
    const seen = `-n ${quoted(`__fish_seen_subcommand_from ${entry.names.join(' ')}`)}`;
    for (const option of entry.options) lines.push(`complete -c linkloom ${seen} ${fishOption(option)}`);
    if (entry.words.length > 0) lines.push(`complete -c linkloom -f ${seen} -a ${quoted(entry.words.join(' '))}`);
  }
  return `${lines.join('\n')}\n`;
}

function fishOption(option: Option): string {
  const parts = [`-l ${option.long?.slice(2) ?? ''}`];
  if (option.short) parts.unshift(`-s ${option.short.slice(1)}`);
  if (option.argChoices) parts.push(`-x -a ${quoted(option.argChoices.join(' '))}`);
  else if (!option.isBoolean() && !option.negate) parts.push('-r');
  parts.push(`-d ${quoted(option.description)}`);
  return parts.join(' ');
}

/** A word in single quotes, good for bash and zsh and, with the quote escaped its own way, for fish. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
