/**
 * Reads and prints quantities with units as tc(8) does: times, percentages, rates, sizes. A reader returns null for what it can't
 * read.
 */

const QUANTITY = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]{1,2})?([a-z%]*)$/i;

/** Nanoseconds of each unit (tc(8), "TIMES"). */
const TIME_UNITS: Readonly<Record<string, number>> = {
  s: 1e9,
  sec: 1e9,
  secs: 1e9,
  ms: 1e6,
  msec: 1e6,
  msecs: 1e6,
  us: 1e3,
  usec: 1e3,
  usecs: 1e3,
  ns: 1,
  nsec: 1,
  nsecs: 1,
};

/** Bytes of each unit (tc(8), "SIZES"). `kbit` and its kin are bits in powers of 1024, as tc reads them. */
const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  kbit: 1024 / 8,
  mbit: 1024 ** 2 / 8,
  gbit: 1024 ** 3 / 8,
};

/** Units of rates (tc(8), "RATES"): k, m, g, t are powers of 1000, ki, mi, gi, ti of 1024; `bit` for bits, `bps` for bytes. */
const RATE_UNIT = /^([kmgt]i?)?(bit|bps)$/;
const RATE_POWER = { k: 1, m: 2, g: 3, t: 4 } as const;

function quantity(text: string): { value: number; unit: string } | null {
  const match = QUANTITY.exec(text);
  if (match === null) return null;
  return { value: Number(`${match[1]}${match[2] ?? ''}`), unit: (match[3] ?? '').toLowerCase() };
}

/** Reads a time. Returns whole nanoseconds. A number without a unit is in `bareUnit`. */
export function parseTimeNs(text: string, bareUnit: 'us' | 'ns'): number | null {
  const parsed = quantity(text);
  if (parsed === null) return null;
  const factor = TIME_UNITS[parsed.unit === '' ? bareUnit : parsed.unit];
  return factor === undefined ? null : Math.round(parsed.value * factor);
}

/** Reads a percentage: `5`, `5%` or `0.5%`. Returns a probability from 0 to 1. A number without a unit is in per cent too. */
export function parsePercent(text: string): number | null {
  const parsed = quantity(text);
  if (parsed === null || (parsed.unit !== '' && parsed.unit !== '%')) return null;
  return parsed.value <= 100 ? decimal(parsed.value / 100) : null;
}

/** Reads a rate. Returns whole bits per second. A number without a unit is in bits per second. */
export function parseRateBits(text: string): number | null {
  const parsed = quantity(text);
  if (parsed === null) return null;
  if (parsed.unit === '') return Math.round(parsed.value);
  const match = RATE_UNIT.exec(parsed.unit);
  if (match === null) return null;
  const multiple = match[1] ?? '';
  const power = multiple === '' ? 0 : RATE_POWER[multiple.charAt(0) as keyof typeof RATE_POWER];
  const factor = (multiple.endsWith('i') ? 1024 : 1000) ** power * (match[2] === 'bps' ? 8 : 1);
  return Math.round(parsed.value * factor);
}

/** Reads a size. Returns whole bytes; a fraction is cut off, as tc does. A number without a unit is in bytes. */
export function parseSizeBytes(text: string): number | null {
  const parsed = quantity(text);
  const factor = parsed === null ? undefined : SIZE_UNITS[parsed.unit];
  return parsed === null || factor === undefined ? null : Math.floor(parsed.value * factor);
}

/** Prints a time in microseconds, in the largest unit that gives a whole number: 10,000 becomes `10ms`. */
export function printTimeUs(timeUs: number): string {
  return printWhole(timeUs, 'us', [
    ['s', 1e6],
    ['ms', 1e3],
  ]);
}

/** Prints a rate in bits per second, in the largest unit that gives a whole number: 100,000,000 becomes `100mbit`. */
export function printRateBits(bitsPerSec: number): string {
  return printWhole(bitsPerSec, 'bit', [
    ['gbit', 1e9],
    ['mbit', 1e6],
    ['kbit', 1e3],
  ]);
}

/** Prints a probability as a percentage: 0.125 becomes `12.5%`. */
export function printPercent(probability: number): string {
  return `${decimal(probability * 100)}%`;
}

/** Rounds to twelve digits, which removes the error of binary arithmetic (0.07 × 100 is 7.000000000000001). */
export function decimal(value: number): number {
  return Number(value.toPrecision(12));
}

function printWhole(value: number, bareUnit: string, units: readonly (readonly [string, number])[]): string {
  const fit = value === 0 ? undefined : units.find(([, factor]) => value % factor === 0);
  return fit === undefined ? `${value}${bareUnit}` : `${value / fit[1]}${fit[0]}`;
}
