/**
 * The name of the filter that is a trunk's program. With another number it is another program, or has other maps: a trunk whose filter has
 * another name is made anew.
 */
export const TRUNK_PROGRAM = 'linkloom-trunk-1';

/** All VNIs of ranges as the kernel tells them: the first and the last of each. */
export function vnisIn(ranges: readonly (readonly [number, number])[]): readonly number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
}
