/** Collects from commander's tree what the completion scripts say: the verbs, the options, and what may follow each. */
import type { Argument, Command, Option } from 'commander';
import { bashScript } from './shells/bash.ts';
import type { Entry, OptionEntry, Values } from './shells/entries.ts';
import { fishScript } from './shells/fish.ts';
import { zshScript } from './shells/zsh.ts';
import type { Shell } from './shells.ts';

/** The script for a shell. The script itself looks for labs and nodes, in /run/netns and by the engines' clients, and asks `status` for links. */
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
  const [argument] = command.registeredArguments;
  return {
    names: [command.name(), ...command.aliases()],
    summary: command.summary(),
    options: [...command.options.map(optionOf), { names: ['--help'], description: 'show this', value: null }],
    first: argument === undefined ? { kind: 'none' } : valuesOfArgument(argument),
    isRepeated: argument?.variadic ?? false,
    runsProgram: command.registeredArguments.some((one) => one.name() === 'command'),
  };
}

/** What an argument takes, by its name. */
const ARGUMENTS: Readonly<Record<string, Values>> = {
  node: { kind: 'nodes' },
  link: { kind: 'links' },
  file: { kind: 'files' },
};

function valuesOfArgument(argument: Argument): Values {
  if (argument.argChoices) return { kind: 'words', words: argument.argChoices };
  return ARGUMENTS[argument.name()] ?? { kind: 'none' };
}

function optionOf(option: Option): OptionEntry {
  return {
    names: [option.short, option.long].filter((word) => word !== undefined),
    description: option.description,
    value: option.isBoolean() ? null : valuesOf(option),
  };
}

/** What an option takes, by its placeholder: `<file>`, `<file...>` and `<path>` stand for files. */
function valuesOf(option: Option): Values {
  if (option.argChoices) return { kind: 'words', words: option.argChoices };
  if (option.long === '--lab') return { kind: 'labs' };
  return { kind: /<(file|path)/.test(option.flags) ? 'files' : 'none' };
}
