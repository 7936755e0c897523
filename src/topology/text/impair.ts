import { parsePercent, parseRateBits, parseTimeNs } from '../../net/units.ts';
import type { Netem } from '../values.ts';
import { type Fault, Faults, fail } from './fault.ts';
import { checkWhole, type NetemPart, NO_NETEM } from './netem.ts';

type Amount = string | number | undefined;

/** `impair` as written. Amounts have units; a number alone is valid only for 0 and for `limit` (packets). */
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

/** The Netem of an `impair`. A fault's message names the key. */
export function netemOfImpair(impair: Impair): Netem | Fault {
  const faults = new Faults();
  faults.attempt(() => {
    if (impair.jitter === undefined || impair.delay !== undefined) return;
    fail('"jitter" needs a delay', 'add delay: 10ms or the like: jitter varies it');
  }, 'jitter');
  const failed = new Set<NetemPart>();
  const read = (key: keyof Impair, parse: () => number | null): number | null => {
    let isRight = false;
    const value = faults.attempt(() => {
      const parsed = parse();
      isRight = true;
      return parsed;
    }, key);
    if (!isRight) failed.add(partOf(key));
    return value;
  };
  const netem = {
    ...NO_NETEM,
    delayUs: read('delay', () => time('delay', impair.delay)),
    jitterUs: read('jitter', () => time('jitter', impair.jitter)),
    loss: read('loss', () => share('loss', impair.loss)),
    duplicate: read('duplicate', () => share('duplicate', impair.duplicate)),
    corrupt: read('corrupt', () => share('corrupt', impair.corrupt)),
    reorder: read('reorder', () => share('reorder', impair.reorder)),
    rateBitsPerSec: read('rate', () => rate(impair.rate)),
    limitPackets: impair.limit ?? null,
  };
  checkWhole(netem, failed, faults);
  return faults.or(() => netem);
}

function partOf(key: keyof Impair): NetemPart {
  if (key === 'jitter') return 'delay';
  return key === 'limit' ? 'other' : key;
}

function rate(value: Amount): number | null {
  const bitsPerSec = amount('rate', value, parseRateBits, '100mbit');
  if (bitsPerSec !== null && bitsPerSec < 8) fail('"rate" is less than a byte per second', 'leave it out for no limit');
  return bitsPerSec;
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
