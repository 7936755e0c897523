/** Options of `set` and `reset`: what links are set to by hand. */
import { InvalidArgumentError } from 'commander';
import { type Amount, RATE, SHARE, TIME } from '../../net/amounts.ts';
import { type Flag, wholeNumber } from './flag.ts';

/** Makes a reader of an amount. It throws InvalidArgumentError. */
function amount({ read, advice }: Amount): (value: string) => number {
  return (value) => {
    const number = read(value);
    if (number !== null) return number;
    throw new InvalidArgumentError(advice);
  };
}

const time = amount(TIME);
const share = amount(SHARE);
const rate = amount(RATE);

export const OVERRIDE_FLAGS = {
  setDown: { flags: '--down', description: 'set them down', group: 'Links' },
  setUp: { flags: '--up', description: 'set them up', group: 'Links' },
  delay: { flags: '--delay <time>', description: 'delay of each packet: 10ms', group: 'Links', parse: time },
  jitter: { flags: '--jitter <time>', description: 'how far the delay varies: 2ms', group: 'Links', parse: time },
  loss: { flags: '--loss <share>', description: 'packets that are lost: 1%', group: 'Links', parse: share },
  duplicate: {
    flags: '--duplicate <share>',
    description: 'packets that are sent twice: 1%',
    group: 'Links',
    parse: share,
  },
  corrupt: {
    flags: '--corrupt <share>',
    description: 'packets in which a bit is changed: 0.1%',
    group: 'Links',
    parse: share,
  },
  reorder: {
    flags: '--reorder <share>',
    description: 'packets that skip the delay: 25%',
    group: 'Links',
    parse: share,
  },
  rate: { flags: '--rate <rate>', description: 'limit of the rate: 10mbit', group: 'Links', parse: rate },
  limit: {
    flags: '--limit <packets>',
    description: 'packets that wait at most; 0 for the default of 1000',
    group: 'Links',
    parse: wholeNumber(0, 2 ** 32 - 1),
  },
  setMtu: { flags: '--mtu <bytes>', description: 'MTU', group: 'Links', parse: wholeNumber(68, 65_535) },
  both: {
    flags: '--both',
    description: "both ways: also the other node's end of a wire, or the port on a bridge",
    group: 'Links',
  },
  composeSchema: {
    flags: '--compose',
    description: 'the JSON Schema of compose files with x-network, and of network files',
    group: 'Output',
  },
  playSchema: {
    flags: '--play',
    description: 'the JSON Schema of timelines',
    group: 'Output',
  },
  dryRun: {
    flags: '--dry-run',
    description: 'tell what would be done, and when; touch nothing',
    group: 'Links',
  },
  reset: {
    flags: '--reset',
    description: 'also take back what was set by hand',
    group: 'Links',
  },
} as const satisfies Readonly<Record<string, Flag>>;
