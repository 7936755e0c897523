/** Options about checks. */
import { InvalidArgumentError } from 'commander';
import { type Flag, listOf, seconds } from './flag.ts';

export const CHECK_FLAGS = {
  allPairs: {
    flags: '--all-pairs',
    description:
      'ping from every node to every other: from loopback to loopback, or the addresses of the links where there are none',
    group: 'Links',
  },
  check: {
    flags: '--check',
    description: 'run the checks of the configuration afterwards',
    group: 'Nodes and kernel',
  },
  checks: {
    flags: '--no-check',
    description: 'do not run the checks of the configuration first',
    group: 'Nodes and kernel',
    default: true,
  },
  checkFrom: {
    flags: '--from <node>',
    description: 'only what these nodes try, by name or glob; may be repeated',
    group: 'Links',
    parse: (value, previous) => {
      if (value !== '' && !value.startsWith('-')) return [...listOf(previous), value];
      throw new InvalidArgumentError('It must be the name of a node, or a glob of `*` and `?`.');
    },
    list: true,
  },
  within: {
    flags: '--within <seconds>',
    description: 'how long --all-pairs tries again until every pair is reached (default: 3)',
    group: 'Links',
    parse: seconds,
  },
  checkTimeout: {
    flags: '--timeout <seconds>',
    description: 'how long all checks together may take (default: as long as each of them says)',
    group: 'Nodes and kernel',
    parse: seconds,
  },
} as const satisfies Readonly<Record<string, Flag>>;
