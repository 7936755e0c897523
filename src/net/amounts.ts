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
}

const HAS_UNIT = /[a-z%]$/i;

function amount(parse: Amount['read'], print: Amount['print'], advice: string): Amount {
  const read = (text: string): number | null => {
    if (text.trim() === '' || !(HAS_UNIT.test(text) || Number(text) === 0)) return null;
    const value = parse(text);
    // What is too little to be counted is not "none", which 0 asks for.
    return value === 0 && /[1-9]/.test(text) ? null : value;
  };
  return { read, print, advice };
}

/** In microseconds. */
export const TIME = amount(
  (text) => {
    const timeNs = parseTimeNs(text, 'us');
    return timeNs === null ? null : timeNs / 1000;
  },
  (timeUs) => `${Math.round(timeUs * 1000)}ns`,
  'It must be a time with its unit: 10ms, 1.5s, 200us; 0 for none.',
);

/** From 0 to 1. */
export const SHARE = amount(parsePercent, printPercent, 'It must be a percentage: 0.5%, up to 100%; 0 for none.');

/** In bits per second; netem and tbf count in whole bytes. */
export const RATE = amount(
  (text) => {
    const bits = parseRateBits(text);
    return bits !== null && (bits === 0 || bits >= 8) ? bits : null;
  },
  (bits) => `${bits}bit`,
  'It must be a rate with its unit: 10mbit, 64kbit, at least 8bit; 0 for no limit.',
);
