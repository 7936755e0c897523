/** What the program of a run finds in its environment, so that linkloom's verbs in it mean the run's lab. */
import { isAbsolute, resolve } from 'node:path';
import type { Command } from 'commander';
import { RUN_VARIABLE } from '../../lab/run/end.ts';
import { variablesOf } from '../environment.ts';
import type { Options } from '../flags.ts';

/** Options that name files, and `:` stands between. */
const FILES = ['file', 'networkFile', 'composeFile', 'envFile'] as const satisfies readonly (keyof Options)[];
/** Options that say how nodes are reached and what files mean. */
const OTHERS = [
  'composeProject',
  'profile',
  'dockerSocket',
  'podmanSocket',
  'switch',
] as const satisfies readonly (keyof Options)[];

/** The environment of this process, and the options that the run was given. */
export function environmentOf(
  lab: string,
  options: Options,
  command: Command,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = { ...env, LINKLOOM_LAB: lab, [RUN_VARIABLE]: lab };
  for (const name of [...FILES, ...OTHERS]) {
    const option = command.options.find((one) => one.attributeName() === name);
    const variable = option === undefined ? undefined : variablesOf(option)[0];
    if (variable === undefined || command.getOptionValueSource(name) !== 'cli') continue;
    const value = options[name];
    const words = typeof value === 'object' ? value : [String(value)];
    const isOfFiles = (FILES as readonly string[]).includes(name);
    // Standard input can not be read a second time, and `:` can not be told from what stands between.
    if (isOfFiles && words.some((word) => word === '-' || word.includes(':'))) continue;
    found[variable] = (isOfFiles ? words.map(absolute) : words).join(':');
  }
  return found;
}

function absolute(path: string): string {
  return isAbsolute(path) ? path : resolve(path);
}
