/** What `set` takes, on the command line and in the API: how amounts are written, and what they come to. */
import { parsePercent, parseRateBits, parseTimeNs, printPercent } from '../../net/units.ts';
import type { ImpairChange, LinkSettings } from '../../plan/overrides/goals.ts';

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

/** What is given, by the names that the command line and the API have for it. */
export interface GivenSettings {
  readonly down?: boolean | undefined;
  readonly up?: boolean | undefined;
  readonly mtu?: number | undefined;
  readonly delay?: number | undefined;
  readonly jitter?: number | undefined;
  readonly loss?: number | undefined;
  readonly duplicate?: number | undefined;
  readonly corrupt?: number | undefined;
  readonly reorder?: number | undefined;
  readonly rate?: number | undefined;
  readonly limit?: number | undefined;
}

/** Of each amount of an impairment, how it is written and what it is called in a request. */
const IMPAIRS = {
  delay: ['delayUs', TIME],
  jitter: ['jitterUs', TIME],
  loss: ['loss', SHARE],
  duplicate: ['duplicate', SHARE],
  corrupt: ['corrupt', SHARE],
  reorder: ['reorder', SHARE],
  rate: ['rateBitsPerSec', RATE],
  limit: ['limitPackets', null],
} as const satisfies Partial<Record<keyof GivenSettings, readonly [keyof ImpairChange, Amount | null]>>;

const IMPAIR_NAMES = Object.keys(IMPAIRS) as (keyof typeof IMPAIRS)[];

/** null: nothing is given. `down` and `up` exclude each other. */
export function settingsFrom(given: GivenSettings): LinkSettings | null {
  const { down, up, mtu } = given;
  const state = down ? ('down' as const) : up ? ('up' as const) : undefined;
  const impair: ImpairChange = Object.fromEntries(
    IMPAIR_NAMES.flatMap((name) => (given[name] === undefined ? [] : [[IMPAIRS[name][0], given[name]]])),
  );
  if (state === undefined && mtu === undefined && Object.keys(impair).length === 0) return null;
  return { state, mtuBytes: mtu, impair };
}

/** The inverse of `settingsFrom`, with amounts as text, as the API takes them. */
export function settingsWritten({ state, mtuBytes, impair = {} }: LinkSettings): object {
  const amounts = IMPAIR_NAMES.flatMap((name) => {
    const [key, kind] = IMPAIRS[name];
    const value = impair[key];
    return value === undefined ? [] : [[name, kind === null ? value : kind.print(value)]];
  });
  return {
    ...(state !== undefined && { [state]: true }),
    ...(mtuBytes !== undefined && { mtu: mtuBytes }),
    ...Object.fromEntries(amounts),
  };
}
