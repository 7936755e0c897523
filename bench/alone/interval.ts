/** An interval for a median that takes nothing for granted of how samples lie. */

/** The chance, at most, that the median is outside, on each side. */
const OUTSIDE_EACH = 0.025;

/**
 * The 95 % interval of the median of what the values are samples of, by their order: each of them is as likely above as below it. Throws
 * for fewer than six values, which say too little.
 */
export function medianInterval(values: readonly number[]): readonly [low: number, high: number] {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  // The chance that at most `at` of them are below the median, summed over rows of Pascal's triangle.
  let [chance, term, at] = [0, 0.5 ** count, -1];
  while (chance + term <= OUTSIDE_EACH) {
    chance += term;
    at += 1;
    term = (term * (count - at)) / (at + 1);
  }
  const [low, high] = [sorted[at], sorted[count - 1 - at]];
  if (low === undefined || high === undefined) throw new Error(`${count} values are too few for an interval`);
  return [low, high];
}
