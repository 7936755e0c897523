/** What an option is made of, and how the values of options are read. */
import { InvalidArgumentError } from 'commander';

export interface Flag {
  readonly flags: string;
  readonly description: string;
  /** Its heading in `--help`. */
  readonly group: 'Configuration' | 'Nodes and kernel' | 'Output' | 'Shape';
  readonly default?: unknown;
  /** Variables that mean the same, asked after `LINKLOOM_…`. */
  readonly alsoEnv?: readonly string[];
  readonly choices?: readonly string[];
  /** Called for each value; `previous` is undefined for the first one. */
  readonly parse?: (value: string, previous: unknown) => unknown;
  /** Several values: in the environment, parted by `:`. */
  readonly list?: true;
}

/** The values given before; none for the first. */
export function listOf(previous: unknown): readonly string[] {
  return Array.isArray(previous) ? previous : [];
}

/** A missing value would take the next option for a file. Throws InvalidArgumentError. */
export function fileName(value: string): string {
  if (value === '-' || !value.startsWith('-')) return value;
  throw new InvalidArgumentError(`It looks like an option; a file of that name is ./${value}`);
}

/** Files parted by colons, after those given before. Throws InvalidArgumentError. */
export function colonList(value: string, previous: unknown): readonly string[] {
  return [
    ...listOf(previous),
    ...fileName(value)
      .split(':')
      .filter((part) => part !== ''),
  ];
}

/** Reads a whole number; throws InvalidArgumentError for another value. */
export function wholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** Reads a number of seconds, up to a day; throws InvalidArgumentError for another value. */
export function seconds(value: string): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (number <= 86_400) return number;
  throw new InvalidArgumentError('It must be a number of seconds, at most 86400.');
}
