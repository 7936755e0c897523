/** Options of the verbs that follow a lab. */
import { InvalidArgumentError } from 'commander';
import { EVENT_KINDS } from '../../lab-events.ts';
import { SORTS } from '../../report/live/view.ts';
import { type Flag, listOf, seconds } from './flag.ts';

/** A name or glob. Without a value an option would take the next one for it. */
function glob(value: string, previous: unknown): readonly string[] {
  if (value !== '' && !value.startsWith('-')) return [...listOf(previous), value];
  throw new InvalidArgumentError('It must be a name, or a glob of `*` and `?`.');
}

/** At least a tenth of a second. */
function interval(value: string): number {
  const number = seconds(value);
  if (number >= 0.1) return number;
  throw new InvalidArgumentError('It must be at least 0.1.');
}

/** Kinds of events, separated by commas. */
function kinds(value: string, previous: unknown): readonly string[] {
  const words = value.split(',').filter((word) => word !== '');
  const unknown = words.find((word) => !EVENT_KINDS.includes(word));
  if (unknown === undefined) return [...listOf(previous), ...words];
  throw new InvalidArgumentError(`There is no kind ${unknown}; there are ${EVENT_KINDS.join(', ')}.`);
}

export const LIVE_FLAGS = {
  onlyNode: {
    flags: '--node <glob>',
    description: 'only what is about these nodes; may be repeated',
    group: 'Output',
    parse: glob,
    list: true,
  },
  onlyLink: {
    flags: '--link <glob>',
    description: 'only what is about these links: `NODE:DEV`, `bridge NAME`; may be repeated',
    group: 'Output',
    parse: glob,
    // No list: in the environment `:` is part of a link.
  },
  onlyKind: {
    flags: '--kind <kinds>',
    description:
      'only events of these types, or groups of types (link, device, container, override, run), as `made,mtu`',
    group: 'Output',
    parse: kinds,
    list: true,
  },
  live: {
    flags: '--watch',
    description: 'stay, and show the links and what passes through them, again and again',
    group: 'Output',
  },
  onlyBridge: {
    flags: '--bridge <glob>',
    description: 'only the links of these bridges; may be repeated',
    group: 'Output',
    parse: glob,
    list: true,
  },
  onlyDrift: {
    flags: '--drift',
    description: 'only links that are not as wanted',
    group: 'Output',
  },
  sort: {
    flags: '--sort <order>',
    description: 'which links come first (default: rate)',
    group: 'Output',
    choices: SORTS,
  },
  interval: {
    flags: '--interval <seconds>',
    description: 'from one look to the next; longer where looking takes long (default: 2)',
    group: 'Output',
    parse: interval,
  },
} as const satisfies Readonly<Record<string, Flag>>;
