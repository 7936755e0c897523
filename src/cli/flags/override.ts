/** Options of `set` and `reset`: what links are set to by hand. */
import { InvalidArgumentError } from 'commander';
import { parsePercent, parseRateBits, parseTimeNs } from '../../net/units.ts';
import { type Flag, wholeNumber } from './flag.ts';

const HAS_UNIT = /[a-z%]$/i;

/** Makes a reader of an amount with a unit. A bare 0 has none. The reader throws InvalidArgumentError. */
function amount(parse: (text: string) => number | null, advice: string): (value: string) => number {
  return (value) => {
    const number = HAS_UNIT.test(value) || Number(value) === 0 ? parse(value) : null;
    if (number !== null && value.trim() !== '') return number;
    throw new InvalidArgumentError(advice);
  };
}

/** A time in microseconds. */
const time = amount((text) => {
  const timeNs = parseTimeNs(text, 'us');
  return timeNs === null ? null : timeNs / 1000;
}, 'It must be a time with its unit: 10ms, 1.5s, 200us; 0 for none.');

const share = amount(parsePercent, 'It must be a percentage: 0.5%, up to 100%; 0 for none.');

/** A rate in bits per second; netem and tbf count in whole bytes. */
const rate = amount((text) => {
  const bits = parseRateBits(text);
  return bits !== null && (bits === 0 || bits >= 8) ? bits : null;
}, 'It must be a rate with its unit: 10mbit, 64kbit; 0 for no limit.');

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
  reset: {
    flags: '--reset',
    description: 'also take back what was set by hand',
    group: 'Links',
  },
} as const satisfies Readonly<Record<string, Flag>>;
