/** Options of `generate` and `bench`: the shape and size of a network. */
import { BRIDGE_MODES } from '../../kinds/bridge-modes.ts';
import { type Flag, wholeNumber } from './flag.ts';

export const RUNTIMES = ['netns', 'container', 'service'] as const;

export const SHAPE_FLAGS = {
  runtime: {
    flags: '--runtime <kind>',
    description: 'what the nodes are',
    group: 'Shape',
    choices: RUNTIMES,
    default: 'netns',
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
    description: 'mode of the bridges (default: none is written)',
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
    description: 'which of the random shapes (default: 1)',
    group: 'Shape',
    parse: wholeNumber(0, 2 ** 32 - 1),
  },
} as const satisfies Readonly<Record<string, Flag>>;
