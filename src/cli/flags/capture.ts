/** Options about which packets are captured, and where they go. */
import { SNAPLEN_MAX_BYTES } from '../../capture/sizes.ts';
import { type Flag, fileName, seconds, wholeNumber } from './flag.ts';

export const CAPTURE_SIDES = ['node', 'port'] as const;
export const DIRECTIONS = ['both', 'in', 'out'] as const;

export const CAPTURE_FLAGS = {
  write: {
    flags: '-w, --write <file>',
    description: 'write to a file; `-` is standard output',
    group: 'Output',
    parse: fileName,
    default: '-',
  },
  side: {
    flags: '--side <side>',
    description: 'the end in the node, or the port on the switch side',
    group: 'Nodes and kernel',
    choices: CAPTURE_SIDES,
    default: 'node',
  },
  direction: {
    flags: '--direction <direction>',
    description: 'only what comes in by the device, or goes out',
    group: 'Nodes and kernel',
    choices: DIRECTIONS,
    default: 'both',
  },
  filter: {
    flags: '--filter <expression>',
    mayBeEmpty: true,
    description: 'only these packets, in the language of tcpdump: "icmp and host 10.0.0.1"',
    group: 'Nodes and kernel',
  },
  count: {
    flags: '-c, --count <packets>',
    description: 'end after so many packets',
    group: 'Nodes and kernel',
    parse: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  },
  seconds: {
    flags: '--seconds <seconds>',
    description: 'end after so long',
    group: 'Nodes and kernel',
    parse: seconds,
  },
  snaplen: {
    flags: '-s, --snaplen <bytes>',
    description: 'keep so many bytes of a packet; 0: all',
    group: 'Nodes and kernel',
    parse: (value: string) => wholeNumber(0, SNAPLEN_MAX_BYTES)(value) || SNAPLEN_MAX_BYTES,
    default: SNAPLEN_MAX_BYTES,
  },
  ringSize: {
    flags: '--ring-size <megabytes>',
    description: 'begin a new file before one gets larger (with -w)',
    group: 'Output',
    parse: wholeNumber(1, 1_000_000),
  },
  ringSeconds: {
    flags: '--ring-seconds <seconds>',
    description: 'begin a new file after so long (with -w)',
    group: 'Output',
    parse: seconds,
  },
  ringFiles: {
    flags: '--ring-files <count>',
    description: 'keep only so many of these files, and remove the oldest',
    group: 'Output',
    parse: wholeNumber(1, 100_000),
  },
} as const satisfies Readonly<Record<string, Flag>>;
