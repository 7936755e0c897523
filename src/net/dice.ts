/**
 * Returns a source of whole numbers from 0 to below a bound, by xorshift32 (Marsaglia, 2003). The numbers are the same
 * on every machine.
 */
export function randomBelow(seed: number): (bound: number) => number {
  // The state must not be 0. Knuth's multiplier makes the states of small seeds differ in many bits.
  let state = Math.imul(seed + 1, 2654435761) >>> 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
