/** Options about what runs in nodes. */
import { type Flag, wholeNumber } from './flag.ts';

export const PROGRAM_FLAGS = {
  allNodes: {
    flags: '--all',
    description: 'all nodes of the lab',
    group: 'Nodes and kernel',
  },
  parallel: {
    flags: '--parallel <count>',
    description: 'nodes at a time',
    group: 'Nodes and kernel',
    parse: wholeNumber(1, 1024),
    default: 16,
  },
} as const satisfies Readonly<Record<string, Flag>>;
