import { parsePercent, parseRateBits, parseTimeNs } from '../../net/units.ts';
import type { Netem } from '../topology.ts';
import { caught, type Fault, fail } from './fault.ts';
import { checked, NO_NETEM } from './netem.ts';

type Amount = string | number | undefined;

/** `impair` as written: amounts carry their units, so a number alone is right only for 0 and for `limit` (packets). */
export interface Impair {
  readonly delay?: Amount;
  readonly jitter?: Amount;
  readonly loss?: Amount;
  readonly duplicate?: Amount;
  readonly corrupt?: Amount;
  readonly reorder?: Amount;
  readonly rate?: Amount;
  readonly limit?: number | undefined;
}

/** The Netem that `impair` asks for. A fault's message names the key. */
export function netemOfImpair(impair: Impair): Netem | Fault {
  return caught(() => {
    if (impair.jitter !== undefined && impair.delay === undefined) {
      fail('"jitter" needs a delay', 'add delay: 10ms or the like: jitter varies it');
    }
    const rateBitsPerSec = amount('rate', impair.rate, parseRateBits, '100mbit');
    if (rateBitsPerSec !== null && rateBitsPerSec < 8) {
      fail('"rate" is less than a byte per second', 'leave it out for no limit');
    }
    return checked({
      ...NO_NETEM,
      delayUs: time('delay', impair.delay),
      jitterUs: time('jitter', impair.jitter),
      loss: share('loss', impair.loss),
      duplicate: share('duplicate', impair.duplicate),
      corrupt: share('corrupt', impair.corrupt),
      reorder: share('reorder', impair.reorder),
      rateBitsPerSec,
      limitPackets: impair.limit ?? null,
    });
  });
}

function time(key: string, value: Amount): number | null {
  const timeNs = amount(key, value, (text) => parseTimeNs(text, 'us'), '10ms');
  return timeNs === null ? null : timeNs / 1000;
}

function share(key: string, value: Amount): number | null {
  return amount(key, value, parsePercent, '1%, up to 100%,');
}

function amount(key: string, value: Amount, parse: (text: string) => number | null, example: string): number | null {
  if (value === undefined) return null;
  const text = String(value);
  if (/^[0-9.]+$/.test(text) && Number(text) !== 0)
    fail(`"${key}: ${text}" has no unit`, `write ${example} or the like`);
  return parse(text) ?? fail(`"${key}: ${text}" is not understood`, `write ${example} or the like`);
}
