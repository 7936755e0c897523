/** What `set` takes, on the command line and in the API: how amounts are written, and what they come to. */
import { type Amount, RATE, SHARE, TIME } from '../../net/amounts.ts';
import type { ImpairChange, LinkSettings } from '../../plan/overrides/goals.ts';

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
