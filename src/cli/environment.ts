/** Reads options from the environment: `--default-mtu` from `LINKLOOM_DEFAULT_MTU`, and so on for every option. */
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { shortened } from '../config/text/excerpt.ts';
import { LinkloomError } from '../errors.ts';
import { isSet, switchOf } from '../report/modes.ts';
import type { Flag } from './flags/flag.ts';
import { FLAGS } from './flags.ts';

/** The variables from which an option is read, the strongest first; none for `--help` and `--version`. */
export function variablesOf(option: Option): readonly string[] {
  const flag = flagOf(option);
  if (!flag || !option.long) return [];
  return [`LINKLOOM_${option.long.slice(2).replaceAll('-', '_').toUpperCase()}`, ...(flag.alsoEnv ?? [])];
}

/**
 * Sets the options that the command line does not give. An empty variable counts as unset. Throws LinkloomError E_USAGE for a wrong
 * value.
 */
export function applyEnvironment(command: Command, env: Readonly<Record<string, string | undefined>>): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) === 'cli') continue;
    const variable = variablesOf(option).find((candidate) => env[candidate]);
    if (variable === undefined) continue;
    command.setOptionValueWithSource(name, parsed(option, variable, env[variable] ?? ''), 'env');
  }
}

function flagOf(option: Option): Flag | undefined {
  return (FLAGS as Readonly<Record<string, Flag>>)[option.attributeName()];
}

/**
 * Reads a variable of an option that is on or off. Conlink's own variable means on for every value that does not mean off;
 * linkloom's must be one of the known words.
 */
function switched(option: Option, variable: string, text: string): boolean {
  const state = switchOf(text);
  if (state !== null) return state;
  if (flagOf(option)?.alsoEnv?.includes(variable)) return isSet(text);
  throw new LinkloomError(
    'E_USAGE',
    `${variable} is '${shortened(text)}'. It must be 1, true, yes or on, or 0, false, no or off.`,
    {
      hint: `unset ${variable}, or give ${option.long}`,
    },
  );
}

function parsed(option: Option, variable: string, text: string): unknown {
  if (option.isBoolean() || option.negate) return switched(option, variable, text) !== option.negate;
  const { parseArg } = option;
  if (!parseArg) return text;
  const words = flagOf(option)?.list ? text.split(':').filter((word) => word !== '') : [text];
  try {
    return words.reduce<unknown>((previous, word) => parseArg(word, previous), undefined);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new LinkloomError('E_USAGE', `${variable} is '${shortened(text)}'. ${error.message}`, {
      hint: `unset ${variable}, or give ${option.long} a value`,
    });
  }
}
