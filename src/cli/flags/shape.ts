/** Options of `generate` and `bench`: the shape and size of a network. */

import { InvalidArgumentError } from 'commander';
import { BRIDGE_MODES } from '../../kinds/bridge-modes.ts';
import { type Flag, listOf, wholeNumber } from './flag.ts';

export const RUNTIMES = ['netns', 'container', 'service', 'node'] as const;

/** Makes a reader of numbers above `least`, at most `most`. It throws InvalidArgumentError for any other value. */
function above(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number > least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a number above ${least}, at most ${most}.`);
  };
}

/** Reads `R` or `R:1`. Throws InvalidArgumentError for any other value. */
function ratio(value: string): number {
  const number = /^\d*\.?\d+(?::1)?$/.test(value) ? Number.parseFloat(value) : 0;
  if (number >= 0.1 && number <= 1000) return number;
  throw new InvalidArgumentError('It must be a ratio, as 3 or 3:1.');
}

/** Reads `IMAGE` or `PATTERN=IMAGE`, and adds it to the earlier ones. Throws InvalidArgumentError for any other value. */
function imageChoice(value: string, previous: unknown): readonly string[] {
  if (/^(?:[^-=][^=]*=)?[^-=\s][^=\s]*$/.test(value)) return [...listOf(previous), value];
  throw new InvalidArgumentError("It must be IMAGE or 'PATTERN=IMAGE', as 'spine*=frr'.");
}

export const SHAPE_FLAGS = {
  runtime: {
    flags: '--runtime <kind>',
    description:
      'what the nodes are (default: netns; node, an entry of nodes:, where an option needs one; service with --compose)',
    group: 'Shape',
    choices: RUNTIMES,
  },
  nodes: {
    flags: '--nodes <count>',
    description: 'how many nodes (default: by shape)',
    group: 'Shape',
    parse: wholeNumber(1, 1_000_000),
  },
  links: {
    flags: '--links <count>',
    description: 'how many links; what is counted, and the default, depend on the shape',
    group: 'Shape',
    parse: wholeNumber(1, 1022),
  },
  base: {
    flags: '--base <address>',
    description: 'IPv4 address from which the /30 networks count (default: 10.0.0.0)',
    group: 'Shape',
  },
  bridgeMode: {
    flags: '--bridge-mode <mode>',
    description: 'mode of the wires (default: direct)',
    group: 'Shape',
    choices: BRIDGE_MODES,
  },
  mtu: {
    flags: '--mtu <bytes>',
    description: 'MTU of the links (default: none is written)',
    group: 'Shape',
    parse: wholeNumber(68, 65_535),
  },
  seed: {
    flags: '--seed <number>',
    description: 'decides what a shape leaves to chance (default: 1)',
    group: 'Shape',
    parse: wholeNumber(0, 2 ** 32 - 1),
  },
  alpha: {
    flags: '--alpha <number>',
    description: 'waxman: how far wires reach, as a part of the diagonal (default: 0.25)',
    group: 'Shape',
    parse: above(0, 1000),
  },
  beta: {
    flags: '--beta <number>',
    description: 'waxman: how likely the nearest nodes are wired (default: 0.4)',
    group: 'Shape',
    parse: above(0, 1),
  },
  pods: {
    flags: '--pods <count>',
    description: 'data-centre: how many pods (default: 2)',
    group: 'Shape',
    parse: wholeNumber(1, 10_000),
  },
  leaves: {
    flags: '--leaves <count>',
    description: 'data-centre: leaves of each pod (default: 4)',
    group: 'Shape',
    parse: wholeNumber(1, 10_000),
  },
  oversubscription: {
    flags: '--oversubscription <ratio>',
    description: 'data-centre: hosts for each uplink of a leaf, and leaves for each uplink of a spine (default: 3:1)',
    group: 'Shape',
    parse: ratio,
  },
  nodeImage: {
    flags: '--image <[pattern=]image>',
    description: 'image of the nodes, or of those whose name matches; may be repeated, the first match counts',
    group: 'Shape',
    parse: imageChoice,
    // No list: in the environment `:` is a part of an image's name.
  },
  compose: {
    flags: '--compose',
    description: 'a whole compose project: services that wait for their links, and a service of linkloom',
    group: 'Shape',
  },
} as const satisfies Readonly<Record<string, Flag>>;
