/** The amounts by which links are set by hand: how they are written, and what they come to. */
import { parsePercent, parseRateBits, parseTimeNs, printPercent } from './units.ts';

/** An amount with a unit. A bare 0 has none. */
export interface Amount {
  /** null: the text is no such amount. */
  readonly read: (text: string) => number | null;
  /** The inverse of `read`. */
  readonly print: (value: number) => string;
  /** For people: what was expected. */
  readonly advice: string;
  /** What a request may write: all that it matches can be read, and so can all that `print` writes. */
  readonly written: RegExp;
}

const HAS_UNIT = /[a-z%]$/i;

function amount(parse: Amount['read'], print: Amount['print'], advice: string, written: RegExp): Amount {
  const read = (text: string): number | null => {
    if (text.trim() === '' || !(HAS_UNIT.test(text) || Number(text) === 0)) return null;
    const value = parse(text);
    // What is too little to be counted is not "none", which 0 asks for.
    return value === 0 && /[1-9]/.test(text) ? null : value;
  };
  return { read, print, advice, written };
}

/** In microseconds. */
export const TIME = amount(
  (text) => {
    const timeNs = parseTimeNs(text, 'us');
    return timeNs === null ? null : timeNs / 1000;
  },
  (timeUs) => `${Math.round(timeUs * 1000)}ns`,
  'It must be a time with its unit: 10ms, 1.5s, 200us; 0 for none.',
  /^(?:0+|[0-9]{1,12}(?:\.[0-9]{1,3})?(?:us|usecs?|ms|msecs?|s|secs?)|[0-9]{1,20}(?:ns|nsecs?))$/,
);

/** From 0 to 1. */
export const SHARE = amount(
  parsePercent,
  printPercent,
  'It must be a percentage: 0.5%, up to 100%; 0 for none.',
  /^(?:0+|100(?:\.0{1,12})?%|[0-9]{1,2}(?:\.[0-9]{1,12})?%|[1-9](?:\.[0-9]{1,12})?e-[0-9]{1,2}%)$/,
);

/** In bits per second; netem and tbf count in whole bytes. */
export const RATE = amount(
  (text) => {
    const bits = parseRateBits(text);
    return bits !== null && (bits === 0 || bits >= 8) ? bits : null;
  },
  (bits) => `${bits}bit`,
  'It must be a rate with its unit: 10mbit, 64kbit, at least 8bit; 0 for no limit.',
  /^(?:0+(?:(?:[kmgt]i?)?(?:bit|bps))?|(?:[89]|[1-9][0-9]{1,20})bit|[1-9][0-9]{0,20}bps|[1-9][0-9]{0,15}(?:\.[0-9]{1,3})?[kmgt]i?(?:bit|bps)|0\.(?:[1-9][0-9]{0,2}k|(?=0{0,2}[1-9])[0-9]{1,3}[mgt])i?(?:bit|bps))$/,
);
