/** The names of the shapes: in a file of their own, so that the command line need not load the arithmetic. */

export const SHAPES = ['circulant', 'line', 'ring', 'star'] as const;
export type Shape = (typeof SHAPES)[number];
