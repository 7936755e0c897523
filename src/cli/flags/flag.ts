/** What an option consists of, and how its values are read. */
import { InvalidArgumentError } from 'commander';

export interface Flag {
  readonly flags: string;
  readonly description: string;
  /** The heading in `--help` under which it is listed. */
  readonly group:
    | 'Configuration'
    | 'Links'
    | 'Nodes and kernel'
    | 'Output'
    | 'Shape'
    | 'Several hosts'
    | 'Addresses and routing';
  readonly default?: unknown;
  /** Variables that mean the same, read after `LINKLOOM_…`. */
  readonly alsoEnv?: readonly string[];
  readonly choices?: readonly string[];
  /** Called for each value. `previous` is undefined for the first one. */
  readonly parse?: (value: string, previous: unknown) => unknown;
  /** An empty value means something. Others are refused where they are empty. */
  readonly mayBeEmpty?: true;
  /** The option takes several values. In the environment they are separated by `:`. */
  readonly list?: true;
}

/** How values of an option are read, where an empty one is refused unless it means something. */
export function readerOf({ parse, mayBeEmpty }: Flag): NonNullable<Flag['parse']> {
  return (value, previous) => {
    const read = parse === undefined ? value : parse(value, previous);
    if (value !== '' || mayBeEmpty) return read;
    throw new InvalidArgumentError('It must not be empty.');
  };
}

/** The earlier values of an option; none before the first. */
export function listOf(previous: unknown): readonly string[] {
  return Array.isArray(previous) ? previous : [];
}

/**
 * Reads a file name. Throws InvalidArgumentError for a name that looks like an option: without a value, an option would take the
 * next one for its file.
 */
export function fileName(value: string): string {
  if (value === '-' || !value.startsWith('-')) return value;
  throw new InvalidArgumentError(`It looks like an option; a file of that name is ./${value}`);
}

/** Reads files separated by colons, and adds them to the earlier ones. Throws InvalidArgumentError. */
export function colonList(value: string, previous: unknown): readonly string[] {
  return [
    ...listOf(previous),
    ...fileName(value)
      .split(':')
      .filter((part) => part !== ''),
  ];
}

/** Reads `NAME=GLOB,GLOB` or a glob. Throws InvalidArgumentError where a name or a glob is empty, and for what looks like an option. */
export function nodeGroup(value: string): string {
  const globs = /^[^=]+=(.*)$/s.exec(value)?.[1] ?? value;
  const isSound = !/^[-=]/.test(value) && globs.split(',').every((glob) => glob.trim() !== '');
  if (isSound) return value;
  throw new InvalidArgumentError('It must be NAME=GLOB,GLOB or a glob, such as `leaf*`.');
}

/** Makes a reader of whole numbers in a range. It throws InvalidArgumentError for any other value. */
export function wholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** Reads a number of seconds, at most a day. Throws InvalidArgumentError for any other value. */
export function seconds(value: string): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (number <= 86_400) return number;
  throw new InvalidArgumentError('It must be a number of seconds, at most 86400.');
}
